-- Documents that keep their history: deleted content stays (Yjs with `gc: false`), whichever client or
-- server folds.

ALTER TABLE ydoc_document ADD COLUMN keep_history boolean NOT NULL DEFAULT false;

-- True if no garbage was collected when the row was written.
ALTER TABLE ydoc_snapshot ADD COLUMN keep_history boolean NOT NULL DEFAULT false;

-- Refuses (YD409) a fold that collected the history of a document that keeps it. An older server that does
-- not use the column can make such a fold, and so can a fold that began before the history was kept.
CREATE FUNCTION ydoc_refuse_collected() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.through_segment IS NOT NULL AND NOT NEW.keep_history AND EXISTS (
    SELECT FROM ydoc_document d WHERE d.doc_id = NEW.doc_id AND d.keep_history
  ) THEN
    RAISE EXCEPTION 'the document keeps its history, and this snapshot row does not'
      USING ERRCODE = 'YD409';
  END IF;
  RETURN NEW;
END
$$;
CREATE TRIGGER ydoc_snapshot_keeps_history BEFORE INSERT ON ydoc_snapshot
FOR EACH ROW EXECUTE FUNCTION ydoc_refuse_collected();

-- Makes the document keep its history. Returns the id, so that this call can replace the id in the call of
-- another function. Both then run in one transaction.
--
-- The usual case, a document that already keeps its history, takes no lock.
CREATE FUNCTION ydoc_keep_history(p_doc_id text) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM ydoc_require_read_committed();
  IF EXISTS (SELECT FROM ydoc_document d WHERE d.doc_id = p_doc_id AND d.keep_history) THEN
    RETURN p_doc_id;
  END IF;
  PERFORM pg_advisory_xact_lock_shared(ydoc_lock_key(p_doc_id));
  PERFORM ydoc_refuse_deleted(p_doc_id);
  INSERT INTO ydoc_document AS d (doc_id, keep_history) VALUES (p_doc_id, true)
  ON CONFLICT (doc_id) DO UPDATE SET keep_history = true WHERE NOT d.keep_history;
  RETURN p_doc_id;
END
$$;

-- Like the version of 0003, with a parameter that says whether the document keeps its history.
CREATE FUNCTION ydoc_create(
  p_doc_id text, p_batch_id uuid, p_update bytea, p_snapshot bytea, p_keep_history boolean)
RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  row_seq bigint;
BEGIN
  PERFORM ydoc_require_read_committed();
  PERFORM pg_advisory_xact_lock(ydoc_lock_key(p_doc_id));
  PERFORM ydoc_refuse_deleted(p_doc_id);

  -- A snapshot row advances the document by two segments. A client that already follows segment 0 continues
  -- after its seal, finds segment 1 folded, and joins again.
  INSERT INTO ydoc_document (doc_id, segment, keep_history)
  VALUES (p_doc_id, CASE WHEN p_snapshot IS NULL THEN 0 ELSE 2 END, p_keep_history)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;

  IF p_snapshot IS NULL THEN
    INSERT INTO ydoc_update (doc_id, segment, batch_id, data)
    VALUES (p_doc_id, 0, p_batch_id, p_update)
    RETURNING seq INTO row_seq;
  ELSE
    INSERT INTO ydoc_snapshot (doc_id, through_segment, data, keep_history)
    VALUES (p_doc_id, 1, p_snapshot, p_keep_history)
    RETURNING seq INTO row_seq;
    INSERT INTO ydoc_update (doc_id, segment, data) VALUES (p_doc_id, 0, '');
  END IF;
  RETURN row_seq;
END
$$;

-- Older servers, which do not use the column, call this function.
CREATE OR REPLACE FUNCTION ydoc_create(
  p_doc_id text, p_batch_id uuid, p_update bytea, p_snapshot bytea)
RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN ydoc_create(p_doc_id, p_batch_id, p_update, p_snapshot, false);
END
$$;
