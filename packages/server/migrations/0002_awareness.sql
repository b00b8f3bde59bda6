-- Presence: one row per client and document. It is overwritten when a cursor moves, and never part of the
-- document. Rows of clients that have left stay until another client arrives; readers ignore old rows.
CREATE TABLE ydoc_awareness (
  doc_id     text NOT NULL,
  client_id  bigint NOT NULL,
  data       bytea NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (doc_id, client_id)
) WITH (fillfactor = 50);
