-- Files of documents: the pictures that people put into the text.

-- One row per file. Its id is the SHA-256 of its bytes, in hexadecimal, so that a document holds the same picture once.
CREATE TABLE ydoc_file (
  doc_id       text NOT NULL REFERENCES ydoc_document,
  file_id      text NOT NULL,
  content_type text NOT NULL,
  data         bytea NOT NULL,
  created_by   text,
  created_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (doc_id, file_id)
);

-- Pictures are compressed already. Without Postgres' compression a part of one is read without the rest.
ALTER TABLE ydoc_file ALTER COLUMN data SET STORAGE EXTERNAL;

-- The key of the advisory lock under which the files of a document are added one after the other, so that their total
-- stays within its limit. Writers of edits do not wait for it.
CREATE FUNCTION ydoc_file_key(p_doc_id text) RETURNS bigint
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT hashtextextended('ydoc:file:' || p_doc_id, 0)
$$;

-- Adds a file to a document. Returns 'stored', 'known' if the document has it already, 'full' if all files of the document
-- together would have more than p_max_bytes, or 'absent' if nothing was ever stored for the document.
CREATE FUNCTION ydoc_put_file(
  p_doc_id text, p_file_id text, p_content_type text, p_data bytea, p_created_by text, p_max_bytes bigint)
RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM ydoc_require_read_committed();
  -- A transaction that waits for its turn does not hold the lock of the document: a roll would wait too, and writers behind it.
  PERFORM pg_advisory_xact_lock(ydoc_file_key(p_doc_id));
  PERFORM pg_advisory_xact_lock_shared(ydoc_lock_key(p_doc_id));
  PERFORM ydoc_refuse_deleted(p_doc_id);

  IF NOT EXISTS (SELECT FROM ydoc_document d WHERE d.doc_id = p_doc_id) THEN
    RETURN 'absent';
  END IF;
  IF EXISTS (SELECT FROM ydoc_file f WHERE f.doc_id = p_doc_id AND f.file_id = p_file_id) THEN
    RETURN 'known';
  END IF;
  IF (SELECT coalesce(sum(length(f.data)), 0) FROM ydoc_file f WHERE f.doc_id = p_doc_id)
      + length(p_data) > p_max_bytes THEN
    RETURN 'full';
  END IF;
  INSERT INTO ydoc_file (doc_id, file_id, content_type, data, created_by)
  VALUES (p_doc_id, p_file_id, p_content_type, p_data, p_created_by);
  RETURN 'stored';
END
$$;

-- Gives a copy the files of its original.
CREATE FUNCTION ydoc_copy_files(p_from text, p_to text) RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM ydoc_require_read_committed();
  PERFORM pg_advisory_xact_lock(ydoc_file_key(p_to));
  PERFORM pg_advisory_xact_lock_shared(ydoc_lock_key(p_to));
  PERFORM ydoc_refuse_deleted(p_to);
  INSERT INTO ydoc_file (doc_id, file_id, content_type, data, created_by, created_at)
  SELECT p_to, f.file_id, f.content_type, f.data, f.created_by, f.created_at
  FROM ydoc_file f WHERE f.doc_id = p_from
  ON CONFLICT DO NOTHING;
END
$$;

-- Like the version of 0006, and counts the bytes of files. An older server counts them too.
CREATE OR REPLACE FUNCTION ydoc_usage_of(
  p_doc_id text, OUT found boolean, OUT bytes bigint, OUT rows bigint, OUT versions bigint)
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM ydoc_document d WHERE d.doc_id = p_doc_id),
         u.bytes + s.bytes + f.bytes, u.rows, s.versions
  FROM (SELECT coalesce(sum(length(data)), 0)::bigint AS bytes,
               count(*) FILTER (WHERE data <> '') AS rows
        FROM ydoc_update WHERE doc_id = p_doc_id) u,
       (SELECT coalesce(sum(length(data)), 0)::bigint AS bytes,
               count(*) FILTER (WHERE label IS NOT NULL) AS versions
        FROM ydoc_snapshot WHERE doc_id = p_doc_id) s,
       (SELECT coalesce(sum(length(data)), 0)::bigint AS bytes
        FROM ydoc_file WHERE doc_id = p_doc_id) f
$$;

-- Like the version of 0008, and deletes the files too. The new column needs a new function; older servers read the
-- columns that they know by name.
DROP FUNCTION ydoc_delete(text, text);
CREATE FUNCTION ydoc_delete(
  p_doc_id text, p_deleted_by text,
  OUT at timestamptz, OUT updates integer, OUT snapshots integer, OUT awareness integer,
  OUT set_aside integer, OUT writers integer, OUT files integer)
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
  DELETE FROM ydoc_writer WHERE doc_id = p_doc_id;
  GET DIAGNOSTICS writers = ROW_COUNT;
  DELETE FROM ydoc_file WHERE doc_id = p_doc_id;
  GET DIAGNOSTICS files = ROW_COUNT;
  INSERT INTO ydoc_update (doc_id, segment, data) VALUES (p_doc_id, sealed, '');
END
$$;
