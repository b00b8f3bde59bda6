-- The schema of y-electric. It is public: read it, join it, report on it. Write through the functions.

-- One row a document: the number of its active segment, and since when it is.
CREATE TABLE ydoc_document (
  doc_id            text PRIMARY KEY,
  segment           integer NOT NULL DEFAULT 0,
  segment_opened_at timestamptz NOT NULL DEFAULT now(),
  created_at        timestamptz NOT NULL DEFAULT now()
);

-- One row an update (Yjs v1). A row with empty data is the seal that ends its segment.
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

-- What a fold wrote: one Yjs v2 update for all segments up to and with through_segment, and what
-- that took the place of.
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

-- Updates are compressed neither by us nor well by Postgres: they are small and dense.
ALTER TABLE ydoc_update ALTER COLUMN data SET STORAGE EXTERNAL;
ALTER TABLE ydoc_snapshot ALTER COLUMN data SET STORAGE EXTERNAL;

-- The advisory lock of a document. Writers hold it shared, a roll holds it alone.
-- Two documents with one key only wait for each other.
CREATE FUNCTION ydoc_lock_key(p_doc_id text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT hashtextextended('ydoc:' || p_doc_id, 0)
$$;

-- The advisory lock under which one compactor at a time folds a document.
CREATE FUNCTION ydoc_compaction_key(p_doc_id text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT hashtextextended('ydoc:compaction:' || p_doc_id, 0)
$$;

-- Refuses to run where a transaction keeps the snapshot that it began with: what the lock protects
-- must be read after the lock is held.
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

-- Appends one update row to the active segment; the same batch again is answered with its first seq.
--
-- VOLATILE is load-bearing: under READ COMMITTED each statement inside then takes a new snapshot, so
-- the active segment is read as it is once the lock is held, not as it was when the call began.
CREATE FUNCTION ydoc_append(
  p_doc_id text, p_batch_id uuid, p_data bytea,
  OUT row_seq bigint, OUT created boolean)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  active integer;
BEGIN
  PERFORM ydoc_require_read_committed();
  -- A retry is answered without a lock: one whose row is just being folded would wait for the fold
  -- with the lock in hand, and a roll behind it would hold up everybody.
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
    -- The conflict waited until the other transaction had ended, and this statement sees its row.
    SELECT u.seq INTO row_seq
    FROM ydoc_update u WHERE u.doc_id = p_doc_id AND u.batch_id = p_batch_id;
    EXIT WHEN FOUND;
    -- A fold took the row away between the two statements: now there is room for it.
  END LOOP;
END
$$;

-- Seals the active segment and opens the next, if the active one is still p_active.
-- Returns the number of the new active segment, or null when p_active is not it (any more).
--
-- Alone under the lock every writer of this segment has committed or not begun, so the seal is the
-- last change of its shape, and no row can enter a sealed segment.
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
