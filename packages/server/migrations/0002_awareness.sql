-- Who is here: one row a client and document, written over when a cursor moves, never part of the
-- document. Rows of clients that are gone stay until somebody else arrives; readers go by their age.
CREATE TABLE ydoc_awareness (
  doc_id     text NOT NULL,
  client_id  bigint NOT NULL,
  data       bytea NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (doc_id, client_id)
) WITH (fillfactor = 50);
