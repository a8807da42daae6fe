-- Whether it answers move-out certificates of a municipality by itself with move-in notices, and what these say.
CREATE TABLE answering (
    municipality text PRIMARY KEY, moved_in_on date NOT NULL, noticed_on date NOT NULL, address text NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON answering TO :"role";
