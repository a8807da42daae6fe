-- A later grant begins with nothing: the gates of an earlier one go with its copy.
GRANT DELETE ON number_gate, subject_gate TO intermediate;
