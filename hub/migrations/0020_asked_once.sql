-- What a recipient asks for again while it waits to be sent is sent once, however often it is asked for.
DELETE FROM retransmission later USING retransmission earlier
WHERE (later.recipient, later.generation, later.number) = (earlier.recipient, earlier.generation, earlier.number)
  AND later.id > earlier.id;
CREATE UNIQUE INDEX retransmission_once ON retransmission (recipient, generation, number);
