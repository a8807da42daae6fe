-- A person's rows of one window become one; if she was to be told anew, that one says so.
GRANT UPDATE (occasion) ON waiting TO hub;
