-- The schema of y-electric. It is public: apps may query it and join it with their own tables. All writes
-- go through the functions.

-- One row per document: the number of its active segment, and the time at which that segment was opened.
CREATE TABLE ydoc_document (
  doc_id            text PRIMARY KEY,
  segment           integer NOT NULL DEFAULT 0,
  segment_opened_at timestamptz NOT NULL DEFAULT now(),
  created_at        timestamptz NOT NULL DEFAULT now()
);

-- One row per update (Yjs v1). A row with empty data is the seal that ends its segment.
-- The key is seq alone, so that a shape of (seq, data) is enough to follow a segment.
CREATE TABLE ydoc_update (
  seq        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  doc_id     text NOT NULL REFERENCES ydoc_document,
  segment    integer NOT NULL,
  batch_id   uuid,
  data       bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT ydoc_update_batch UNIQUE (doc_id, batch_id)
);
CREATE INDEX ydoc_update_by_segment ON ydoc_update (doc_id, segment, seq);

-- The row that a fold wrote: one Yjs v2 update for all segments up to and including through_segment, and
-- the number of rows and bytes that it replaced.
CREATE TABLE ydoc_snapshot (
  seq             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  doc_id          text NOT NULL REFERENCES ydoc_document,
  through_segment integer NOT NULL,
  data            bytea NOT NULL,
  folded_rows     integer NOT NULL DEFAULT 0,
  folded_bytes    bigint NOT NULL DEFAULT 0,
  created_at      timestamptz NOT NULL DEFAULT now(),
  UNIQUE (doc_id, through_segment)
);

-- Updates are small and dense, so Postgres would compress them badly.
ALTER TABLE ydoc_update ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE ydoc_snapshot ALTER COLUMN data SET STORAGE EXTERNAL;

-- The key of a document's advisory lock. Writers hold the lock shared, and a roll holds it exclusively.
-- Two documents with the same key only wait for each other.
CREATE FUNCTION ydoc_lock_key(p_doc_id text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT hashtextextended('ydoc:' || p_doc_id, 0)
$$;

-- The key of the advisory lock under which one compactor at a time folds a document.
CREATE FUNCTION ydoc_compaction_key(p_doc_id text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT hashtextextended('ydoc:compaction:' || p_doc_id, 0)
$$;

-- Refuses to run in a transaction that keeps its first snapshot, because the data that the lock protects
-- must be read after the lock is taken.
CREATE FUNCTION ydoc_require_read_committed() RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('transaction_isolation') <> 'read committed' THEN
    RAISE EXCEPTION 'y-electric writes under READ COMMITTED, not under %',
      current_setting('transaction_isolation')
      USING HINT = 'Unset default_transaction_isolation for the role that the server connects with.';
  END IF;
END
$$;

-- Appends one update row to the active segment. A retry of the same batch returns its first seq.
--
-- The function must be VOLATILE: under READ COMMITTED each of its statements then takes a new snapshot, so
-- the active segment is read after the lock is taken, and not as it was when the call began.
CREATE FUNCTION ydoc_append(
  p_doc_id text, p_batch_id uuid, p_data bytea,
  OUT row_seq bigint, OUT created boolean)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  active integer;
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

  SELECT d.segment INTO active FROM ydoc_document d WHERE d.doc_id = p_doc_id;
  IF NOT FOUND THEN
    INSERT INTO ydoc_document (doc_id) VALUES (p_doc_id) ON CONFLICT DO NOTHING;
    SELECT d.segment INTO STRICT active FROM ydoc_document d WHERE d.doc_id = p_doc_id;
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

-- Seals the active segment and opens the next, if the active one is still p_active.
-- Returns the number of the new active segment, or null if p_active is not the active one.
--
-- While the lock is held exclusively, every writer of this segment has committed or has not begun. So the
-- seal is the last change of its shape, and no row can enter a sealed segment.
CREATE FUNCTION ydoc_roll(p_doc_id text, p_active integer)
RETURNS integer
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  next_segment integer;
BEGIN
  PERFORM ydoc_require_read_committed();
  PERFORM pg_advisory_xact_lock(ydoc_lock_key(p_doc_id));

  UPDATE ydoc_document SET segment = segment + 1, segment_opened_at = now()
  WHERE doc_id = p_doc_id AND segment = p_active
  RETURNING segment INTO next_segment;

  IF FOUND THEN
    INSERT INTO ydoc_update (doc_id, segment, data) VALUES (p_doc_id, p_active, '');
  END IF;
  RETURN next_segment;
END
$$;
