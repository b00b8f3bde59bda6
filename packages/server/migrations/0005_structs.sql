-- The number of structs in a row. The size in bytes does not show it: 36 bytes may hold 300,000 structs.

-- The number of structs and delete ranges. Null if an older server, which does not count them, wrote the row.
ALTER TABLE ydoc_update ADD COLUMN structs integer;
ALTER TABLE ydoc_snapshot ADD COLUMN structs integer;

-- Like the version of 0003, with the number of structs of the row.
CREATE FUNCTION ydoc_append(
  p_doc_id text, p_batch_id uuid, p_data bytea, p_structs integer,
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
    INSERT INTO ydoc_update (doc_id, segment, batch_id, data, structs)
    VALUES (p_doc_id, active, p_batch_id, p_data, p_structs)
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

-- The app's own SQL, and servers that do not count structs, call this function.
CREATE OR REPLACE FUNCTION ydoc_append(
  p_doc_id text, p_batch_id uuid, p_data bytea,
  OUT row_seq bigint, OUT created boolean)
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  SELECT a.row_seq, a.created INTO row_seq, created
  FROM ydoc_append(p_doc_id, p_batch_id, p_data, NULL::integer) a;
END
$$;

-- Like the version of 0003, with the number of structs of each row.
CREATE FUNCTION ydoc_append_all(
  p_doc_id text, p_batch_ids uuid[], p_updates bytea[], p_structs integer[])
RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  last_seq bigint;
BEGIN
  FOR i IN 1 .. cardinality(p_updates) LOOP
    SELECT a.row_seq INTO last_seq
    FROM ydoc_append(p_doc_id, p_batch_ids[i], p_updates[i], p_structs[i]) a;
  END LOOP;
  RETURN last_seq;
END
$$;

-- Like the version of 0003, with the number of structs of the version.
CREATE FUNCTION ydoc_keep(
  p_doc_id text, p_data bytea, p_label text, p_created_by text, p_created_at timestamptz,
  p_structs integer)
RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  row_seq bigint;
BEGIN
  PERFORM ydoc_require_read_committed();
  PERFORM pg_advisory_xact_lock_shared(ydoc_lock_key(p_doc_id));
  PERFORM ydoc_refuse_deleted(p_doc_id);
  INSERT INTO ydoc_snapshot (doc_id, data, label, created_by, created_at, structs)
  SELECT d.doc_id, p_data, p_label, p_created_by, coalesce(p_created_at, now()), p_structs
  FROM ydoc_document d WHERE d.doc_id = p_doc_id
  RETURNING seq INTO row_seq;
  RETURN row_seq;
END
$$;

-- Like the version of 0004, with the number of structs of the first row.
CREATE FUNCTION ydoc_create(
  p_doc_id text, p_batch_id uuid, p_update bytea, p_snapshot bytea, p_keep_history boolean,
  p_structs integer)
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
    INSERT INTO ydoc_update (doc_id, segment, batch_id, data, structs)
    VALUES (p_doc_id, 0, p_batch_id, p_update, p_structs)
    RETURNING seq INTO row_seq;
  ELSE
    INSERT INTO ydoc_snapshot (doc_id, through_segment, data, keep_history, structs)
    VALUES (p_doc_id, 1, p_snapshot, p_keep_history, p_structs)
    RETURNING seq INTO row_seq;
    INSERT INTO ydoc_update (doc_id, segment, data) VALUES (p_doc_id, 0, '');
  END IF;
  RETURN row_seq;
END
$$;

-- Servers that do not count structs call this function.
CREATE OR REPLACE FUNCTION ydoc_create(
  p_doc_id text, p_batch_id uuid, p_update bytea, p_snapshot bytea, p_keep_history boolean)
RETURNS bigint
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  RETURN ydoc_create(p_doc_id, p_batch_id, p_update, p_snapshot, p_keep_history, NULL::integer);
END
$$;
