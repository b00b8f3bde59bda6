-- The names of writers, which stay known when the writers have left.

-- One row for each Yjs client that wrote and said so. `user_name` is the user that `authorize` named; null if it named
-- none. `is_trusted`: `authorize` gave the name; otherwise the client did.
CREATE TABLE ydoc_writer (
  doc_id     text NOT NULL,
  client_id  bigint NOT NULL,
  user_name  text,
  name       text,
  is_trusted boolean NOT NULL,
  noted_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (doc_id, client_id)
);

-- Notes who a client is. The row belongs to the user who noted it first: another user changes nothing. Without a name
-- the known one stays.
--
-- A full table makes room: of the user with the most rows in this document, the oldest goes. So a user who invents
-- clients loses rows of their own, once these are the most.
CREATE FUNCTION ydoc_note_writer(
  p_doc_id text, p_client_id bigint, p_user text, p_name text, p_is_trusted boolean, p_max_rows integer)
RETURNS void
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM ydoc_require_read_committed();
  PERFORM pg_advisory_xact_lock_shared(ydoc_lock_key(p_doc_id));
  PERFORM ydoc_refuse_deleted(p_doc_id);

  UPDATE ydoc_writer w
  SET name = coalesce(p_name, w.name), noted_at = now(),
      is_trusted = CASE WHEN p_name IS NULL THEN w.is_trusted ELSE p_is_trusted END
  WHERE w.doc_id = p_doc_id AND w.client_id = p_client_id AND w.user_name IS NOT DISTINCT FROM p_user;
  IF FOUND OR EXISTS (
    SELECT FROM ydoc_writer w WHERE w.doc_id = p_doc_id AND w.client_id = p_client_id
  ) THEN
    RETURN;
  END IF;

  IF (SELECT count(*) FROM ydoc_writer w WHERE w.doc_id = p_doc_id) >= p_max_rows THEN
    DELETE FROM ydoc_writer d WHERE d.doc_id = p_doc_id AND d.client_id = (
      SELECT w.client_id FROM ydoc_writer w
      WHERE w.doc_id = p_doc_id AND w.user_name IS NOT DISTINCT FROM (
        SELECT m.user_name FROM ydoc_writer m WHERE m.doc_id = p_doc_id
        GROUP BY m.user_name ORDER BY count(*) DESC, m.user_name LIMIT 1)
      ORDER BY w.noted_at, w.client_id LIMIT 1);
  END IF;
  -- Two requests of one client may arrive at once.
  INSERT INTO ydoc_writer (doc_id, client_id, user_name, name, is_trusted)
  VALUES (p_doc_id, p_client_id, p_user, p_name, p_is_trusted)
  ON CONFLICT DO NOTHING;
END
$$;

-- Like the version of 0003, and deletes the names too. The new column needs a new function; older servers read the
-- columns that they know by name.
DROP FUNCTION ydoc_delete(text, text);
CREATE FUNCTION ydoc_delete(
  p_doc_id text, p_deleted_by text,
  OUT at timestamptz, OUT updates integer, OUT snapshots integer, OUT awareness integer,
  OUT set_aside integer, OUT writers integer)
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
  INSERT INTO ydoc_update (doc_id, segment, data) VALUES (p_doc_id, sealed, '');
END
$$;
