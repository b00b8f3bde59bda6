-- Lists that clients follow: documents with their titles, and versions without their bytes.

-- The title that a list shows; null if nobody gave one. It is not a part of the document's content.
ALTER TABLE ydoc_document ADD COLUMN title text;

-- Sets the title of a document, or with null removes it. If nothing was ever stored for the document, this creates it,
-- empty. With p_only_new an existing document stays as it is.
-- Returns 'created', 'changed', or 'exists' if p_only_new kept it from changing.
CREATE FUNCTION ydoc_set_title(p_doc_id text, p_title text, p_only_new boolean) RETURNS text
LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM ydoc_require_read_committed();
  PERFORM pg_advisory_xact_lock_shared(ydoc_lock_key(p_doc_id));
  PERFORM ydoc_refuse_deleted(p_doc_id);
  INSERT INTO ydoc_document (doc_id, title) VALUES (p_doc_id, p_title) ON CONFLICT DO NOTHING;
  IF FOUND THEN
    RETURN 'created';
  END IF;
  IF p_only_new THEN
    RETURN 'exists';
  END IF;
  -- An equal title changes no row, so that no reader gets a message.
  UPDATE ydoc_document SET title = p_title WHERE doc_id = p_doc_id AND title IS DISTINCT FROM p_title;
  RETURN 'changed';
END
$$;

-- A title is written by people, so a tombstone has none.
CREATE FUNCTION ydoc_forget_title() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  NEW.title := NULL;
  RETURN NEW;
END
$$;
CREATE TRIGGER ydoc_document_forgets_title BEFORE UPDATE OF deleted_at ON ydoc_document
FOR EACH ROW WHEN (NEW.deleted_at IS NOT NULL) EXECUTE FUNCTION ydoc_forget_title();

-- One row for each snapshot row with a label. A shape of ydoc_snapshot would send the bytes of every snapshot row, and
-- of every row that is removed, through the log that the shape service reads. The foreign key removes the row together
-- with its snapshot row.
CREATE TABLE ydoc_version (
  seq        bigint PRIMARY KEY REFERENCES ydoc_snapshot ON DELETE CASCADE,
  doc_id     text NOT NULL,
  label      text NOT NULL,
  created_by text,
  bytes      integer NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX ydoc_version_by_document ON ydoc_version (doc_id);

CREATE FUNCTION ydoc_list_version() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.label IS NULL THEN
    DELETE FROM ydoc_version WHERE seq = NEW.seq;
  ELSE
    INSERT INTO ydoc_version AS v (seq, doc_id, label, created_by, bytes, created_at)
    VALUES (NEW.seq, NEW.doc_id, NEW.label, NEW.created_by, length(NEW.data), NEW.created_at)
    ON CONFLICT (seq) DO UPDATE SET label = excluded.label WHERE v.label <> excluded.label;
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER ydoc_snapshot_lists_label AFTER UPDATE OF label ON ydoc_snapshot
FOR EACH ROW EXECUTE FUNCTION ydoc_list_version();
CREATE TRIGGER ydoc_snapshot_lists_version AFTER INSERT ON ydoc_snapshot
FOR EACH ROW WHEN (NEW.label IS NOT NULL) EXECUTE FUNCTION ydoc_list_version();

-- Adds the versions of a document that were kept before this table existed. The migration does not add them, because it
-- would read all rows while it blocks writers. The rows are locked, so that no label is removed meanwhile.
CREATE FUNCTION ydoc_list_versions(p_doc_id text) RETURNS void
LANGUAGE sql VOLATILE AS $$
  INSERT INTO ydoc_version (seq, doc_id, label, created_by, bytes, created_at)
  SELECT s.seq, s.doc_id, s.label, s.created_by, length(s.data), s.created_at
  FROM ydoc_snapshot s
  WHERE s.doc_id = p_doc_id AND s.label IS NOT NULL
    AND NOT EXISTS (SELECT FROM ydoc_version v WHERE v.seq = s.seq)
  FOR SHARE OF s
  ON CONFLICT DO NOTHING
$$;
