-- Versions, deletion, and documents that begin with content.

-- A deleted document leaves its tombstone: the row stays, and every later call is refused.
ALTER TABLE ydoc_document
  ADD COLUMN deleted_at timestamptz,
  ADD COLUMN deleted_by text;

-- through_segment is null for a version kept by name, which is not part of the document's state. Rows with
-- a label are never removed by age.
ALTER TABLE ydoc_snapshot
  ALTER COLUMN through_segment DROP NOT NULL,
  ADD COLUMN label text,
  ADD COLUMN created_by text;

-- Rows that could not be read and that `verify --repair` moved here unchanged.
CREATE TABLE ydoc_set_aside (
  seq          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  doc_id       text NOT NULL REFERENCES ydoc_document,
  source       text NOT NULL,
  source_seq   bigint NOT NULL,
  segment      integer,
  batch_id     uuid,
  data         bytea NOT NULL,
  reason       text NOT NULL,
  set_aside_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ydoc_set_aside_by_document ON ydoc_set_aside (doc_id, seq);

-- Raises YD410 if the document was deleted. Callers must hold its lock, so that it is not deleted meanwhile.
CREATE FUNCTION ydoc_refuse_deleted(p_doc_id text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF EXISTS (SELECT FROM ydoc_document d WHERE d.doc_id = p_doc_id AND d.deleted_at IS NOT NULL) THEN
    RAISE EXCEPTION 'the document was deleted' USING ERRCODE = 'YD410';
  END IF;
END
$$;

-- Like the version of 0001, but refuses a deleted document.
CREATE OR REPLACE FUNCTION ydoc_append(
  p_doc_id text, p_batch_id uuid, p_data bytea,
  OUT row_seq bigint, OUT created boolean)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  active integer;
  deleted timestamptz;
BEGIN
  PERFORM ydoc_require_read_committed();
  -- A retry is answered without a lock. With the lock, a retry of a row that is being folded would wait for
  -- the fold, and a roll that waits for the lock would block all writers.
  SELECT u.seq, false INTO row_seq, created
  FROM ydoc_update u WHERE u.doc_id = p_doc_id AND u.batch_id = p_batch_id;
  IF FOUND THEN
    RETURN;
  END IF;

  PERFORM pg_advisory_xact_lock_shared(ydoc_lock_key(p_doc_id));

  SELECT d.segment, d.deleted_at INTO active, deleted
  FROM ydoc_document d WHERE d.doc_id = p_doc_id;
  IF NOT FOUND THEN
    INSERT INTO ydoc_document (doc_id) VALUES (p_doc_id) ON CONFLICT DO NOTHING;
    SELECT d.segment INTO STRICT active FROM ydoc_document d WHERE d.doc_id = p_doc_id;
  ELSIF deleted IS NOT NULL THEN
    PERFORM ydoc_refuse_deleted(p_doc_id);
  END IF;

  LOOP
    INSERT INTO ydoc_update (doc_id, segment, batch_id, data)
    VALUES (p_doc_id, active, p_batch_id, p_data)
    ON CONFLICT ON CONSTRAINT ydoc_update_batch DO NOTHING
    RETURNING seq INTO row_seq;

    created := FOUND;
    EXIT WHEN created;
    -- The conflict waited until the other transaction had ended, so this statement sees its row.
    SELECT u.seq INTO row_seq
    FROM ydoc_update u WHERE u.doc_id = p_doc_id AND u.batch_id = p_batch_id;
    EXIT WHEN FOUND;
    -- A fold removed the row between the two statements, so the insert is tried again.
  END LOOP;
END
$$;

-- Appends several update rows in this order, all of them or none. Returns the seq of the last one.
CREATE FUNCTION ydoc_append_all(p_doc_id text, p_batch_ids uuid[], p_updates bytea[])
RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  last_seq bigint;
BEGIN
  FOR i IN 1 .. cardinality(p_updates) LOOP
    SELECT a.row_seq INTO last_seq FROM ydoc_append(p_doc_id, p_batch_ids[i], p_updates[i]) a;
  END LOOP;
  RETURN last_seq;
END
$$;

-- Like the version of 0001, but refuses a deleted document.
CREATE OR REPLACE FUNCTION ydoc_roll(p_doc_id text, p_active integer)
RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  next_segment integer;
BEGIN
  PERFORM ydoc_require_read_committed();
  PERFORM pg_advisory_xact_lock(ydoc_lock_key(p_doc_id));
  PERFORM ydoc_refuse_deleted(p_doc_id);

  UPDATE ydoc_document SET segment = segment + 1, segment_opened_at = now()
  WHERE doc_id = p_doc_id AND segment = p_active
  RETURNING segment INTO next_segment;

  IF FOUND THEN
    INSERT INTO ydoc_update (doc_id, segment, data) VALUES (p_doc_id, p_active, '');
  END IF;
  RETURN next_segment;
END
$$;

-- Overwrites a client's presence. Returns whether the client is new in this document.
CREATE FUNCTION ydoc_put_awareness(p_doc_id text, p_client_id bigint, p_data bytea)
RETURNS boolean
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  arrived boolean;
BEGIN
  PERFORM ydoc_require_read_committed();
  PERFORM pg_advisory_xact_lock_shared(ydoc_lock_key(p_doc_id));
  PERFORM ydoc_refuse_deleted(p_doc_id);
  INSERT INTO ydoc_awareness (doc_id, client_id, data) VALUES (p_doc_id, p_client_id, p_data)
  ON CONFLICT (doc_id, client_id) DO UPDATE SET data = excluded.data, updated_at = now()
  RETURNING xmax = 0 INTO arrived;
  RETURN arrived;
END
$$;

-- Keeps a version by name: a snapshot row (Yjs v2) that is not part of the document's state.
-- Returns its seq, or null if the document was never stored.
CREATE FUNCTION ydoc_keep(
  p_doc_id text, p_data bytea, p_label text, p_created_by text, p_created_at timestamptz)
RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  row_seq bigint;
BEGIN
  PERFORM ydoc_require_read_committed();
  PERFORM pg_advisory_xact_lock_shared(ydoc_lock_key(p_doc_id));
  PERFORM ydoc_refuse_deleted(p_doc_id);
  INSERT INTO ydoc_snapshot (doc_id, data, label, created_by, created_at)
  SELECT d.doc_id, p_data, p_label, p_created_by, coalesce(p_created_at, now())
  FROM ydoc_document d WHERE d.doc_id = p_doc_id
  RETURNING seq INTO row_seq;
  RETURN row_seq;
END
$$;

-- Stores the first content of a document, unless the document was ever stored: as one update row (p_update,
-- Yjs v1), or as one snapshot row (p_snapshot, Yjs v2) if the content is too large for an update row.
-- Returns the seq of that row, or null if the document exists already.
--
-- While the lock is held exclusively, every other first writer has committed or has not begun.
CREATE FUNCTION ydoc_create(
  p_doc_id text, p_batch_id uuid, p_update bytea, p_snapshot bytea)
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
  INSERT INTO ydoc_document (doc_id, segment)
  VALUES (p_doc_id, CASE WHEN p_snapshot IS NULL THEN 0 ELSE 2 END)
  ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;

  IF p_snapshot IS NULL THEN
    INSERT INTO ydoc_update (doc_id, segment, batch_id, data)
    VALUES (p_doc_id, 0, p_batch_id, p_update)
    RETURNING seq INTO row_seq;
  ELSE
    INSERT INTO ydoc_snapshot (doc_id, through_segment, data) VALUES (p_doc_id, 1, p_snapshot)
    RETURNING seq INTO row_seq;
    INSERT INTO ydoc_update (doc_id, segment, data) VALUES (p_doc_id, 0, '');
  END IF;
  RETURN row_seq;
END
$$;

-- Deletes all data of a document, and leaves its tombstone. All columns are null if the document was never
-- stored.
--
-- The compaction lock is taken first, as in a fold. The seal is written into the active segment, so that
-- live followers ask for the next segment at once and find that the document is deleted.
CREATE FUNCTION ydoc_delete(
  p_doc_id text, p_deleted_by text,
  OUT at timestamptz, OUT updates integer, OUT snapshots integer, OUT awareness integer,
  OUT set_aside integer)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  sealed integer;
BEGIN
  PERFORM ydoc_require_read_committed();
  PERFORM pg_advisory_xact_lock(ydoc_compaction_key(p_doc_id));
  PERFORM pg_advisory_xact_lock(ydoc_lock_key(p_doc_id));
  PERFORM ydoc_refuse_deleted(p_doc_id);

  UPDATE ydoc_document
  SET deleted_at = now(), deleted_by = p_deleted_by, segment = segment + 1, segment_opened_at = now()
  WHERE doc_id = p_doc_id
  RETURNING deleted_at, segment - 1 INTO at, sealed;
  IF NOT FOUND THEN
    RETURN;
  END IF;

  DELETE FROM ydoc_update WHERE doc_id = p_doc_id;
  GET DIAGNOSTICS updates = ROW_COUNT;
  DELETE FROM ydoc_snapshot WHERE doc_id = p_doc_id;
  GET DIAGNOSTICS snapshots = ROW_COUNT;
  DELETE FROM ydoc_awareness WHERE doc_id = p_doc_id;
  GET DIAGNOSTICS awareness = ROW_COUNT;
  DELETE FROM ydoc_set_aside WHERE doc_id = p_doc_id;
  GET DIAGNOSTICS set_aside = ROW_COUNT;
  INSERT INTO ydoc_update (doc_id, segment, data) VALUES (p_doc_id, sealed, '');
END
$$;
