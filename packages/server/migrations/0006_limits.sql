-- Limits: totals of stored data, owners of presence rows, and token buckets for many servers.

-- The last measured size of each document, so that the totals of a user and of the whole server do not need
-- to read every row. Servers measure a document at intervals while it is written.
-- `owner` is the user whose write created the document; null if `authorize` named no user.
CREATE TABLE ydoc_usage (
  doc_id      text PRIMARY KEY,
  owner       text,
  bytes       bigint NOT NULL,
  rows        bigint NOT NULL,
  versions    bigint NOT NULL,
  measured_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX ydoc_usage_by_owner ON ydoc_usage (owner) WHERE owner IS NOT NULL;

-- Reads the stored totals of a document: bytes of update rows and snapshot rows, update rows without
-- seals, and snapshot rows that are kept by name. `found` is false if the document was never stored.
CREATE FUNCTION ydoc_usage_of(
  p_doc_id text, OUT found boolean, OUT bytes bigint, OUT rows bigint, OUT versions bigint)
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM ydoc_document d WHERE d.doc_id = p_doc_id),
         u.bytes + s.bytes, u.rows, s.versions
  FROM (SELECT coalesce(sum(length(data)), 0)::bigint AS bytes,
               count(*) FILTER (WHERE data <> '') AS rows
        FROM ydoc_update WHERE doc_id = p_doc_id) u,
       (SELECT coalesce(sum(length(data)), 0)::bigint AS bytes,
               count(*) FILTER (WHERE label IS NOT NULL) AS versions
        FROM ydoc_snapshot WHERE doc_id = p_doc_id) s
$$;

-- A running server measures the existing documents in parts. Reading all rows here would hold the locks of
-- this migration for minutes, and block all writes.

-- A deleted document has no stored data.
CREATE FUNCTION ydoc_forget_usage() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM ydoc_usage WHERE doc_id = NEW.doc_id;
  RETURN NULL;
END
$$;
CREATE TRIGGER ydoc_document_forgets_usage AFTER UPDATE OF deleted_at ON ydoc_document
FOR EACH ROW WHEN (NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION ydoc_forget_usage();

-- The owner of a presence row: the user that `authorize` named when the row was first written; null if it
-- named none.
ALTER TABLE ydoc_awareness ADD COLUMN user_name text;
CREATE INDEX ydoc_awareness_by_user ON ydoc_awareness (user_name) WHERE user_name IS NOT NULL;

-- Overwrites a client's presence. A row belongs to the user who wrote it first, until it is deleted or has
-- not been written for p_expiry_ms. A row without an owner goes to the first named user who writes it.
-- Returns
--   'written'    the row existed
--   'arrived'    the client is new in this document
--   'not_yours'  the row belongs to another user
--   'document_full', 'user_full'  the document, or the user, has reached its limit of unexpired rows
--
-- Concurrent arrivals do not wait for each other, so the count may exceed its limit by as many.
CREATE FUNCTION ydoc_put_presence(
  p_doc_id text, p_client_id bigint, p_data bytea, p_user text, p_expiry_ms float8,
  p_max_document_rows integer, p_max_user_rows integer)
RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  live_since timestamptz := now() - p_expiry_ms * interval '1 millisecond';
BEGIN
  PERFORM ydoc_require_read_committed();
  PERFORM pg_advisory_xact_lock_shared(ydoc_lock_key(p_doc_id));
  PERFORM ydoc_refuse_deleted(p_doc_id);

  -- The usual case is one statement: the row exists and may be written.
  UPDATE ydoc_awareness a SET data = p_data, updated_at = now(),
    user_name = CASE WHEN a.updated_at < live_since THEN p_user ELSE coalesce(p_user, a.user_name) END
  WHERE a.doc_id = p_doc_id AND a.client_id = p_client_id
    AND (a.user_name IS NULL OR a.user_name = p_user OR a.updated_at < live_since);
  IF FOUND THEN
    RETURN 'written';
  END IF;

  IF EXISTS (SELECT FROM ydoc_awareness a
             WHERE a.doc_id = p_doc_id AND a.client_id = p_client_id) THEN
    RETURN 'not_yours';
  END IF;
  IF (SELECT count(*) FROM ydoc_awareness a
      WHERE a.doc_id = p_doc_id AND a.updated_at >= live_since) >= p_max_document_rows THEN
    RETURN 'document_full';
  END IF;
  IF (SELECT count(*) FROM ydoc_awareness a
      WHERE a.user_name = p_user AND a.updated_at >= live_since) >= p_max_user_rows THEN
    RETURN 'user_full';
  END IF;

  -- Another writer of this id may have been faster. Its row exists now, and is checked as above.
  INSERT INTO ydoc_awareness AS a (doc_id, client_id, data, user_name)
  VALUES (p_doc_id, p_client_id, p_data, p_user)
  ON CONFLICT (doc_id, client_id) DO UPDATE
    SET data = excluded.data, updated_at = now(), user_name = coalesce(p_user, a.user_name)
    WHERE a.user_name IS NULL OR a.user_name = p_user;
  RETURN CASE WHEN FOUND THEN 'arrived' ELSE 'not_yours' END;
END
$$;

-- Token buckets that many servers share. Unlogged: after a crash every bucket is full, which is harmless.
-- `wait` is the number of seconds that the last caller has to wait; 0 if it took its tokens.
CREATE UNLOGGED TABLE ydoc_bucket (
  key     text PRIMARY KEY,
  tokens  float8 NOT NULL,
  at      timestamptz NOT NULL,
  wait    float8 NOT NULL,
  full_at timestamptz NOT NULL
);
