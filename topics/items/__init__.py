"""The catalogues of record items (記録項目), numbered as in the three files of the privacy assessment."""
