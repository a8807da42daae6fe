-- What settling what is parked needs beside what every recipient has: giving up, and keeping since when it is parked.
GRANT SELECT, INSERT, DELETE ON given_up TO :"role";
GRANT UPDATE (parked_at) ON parked TO :"role";
