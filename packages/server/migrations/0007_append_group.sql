-- Group commit: rows of any documents that arrive while a transaction is in flight are stored by one transaction.

-- Appends update rows in one transaction. Each row has its own outcome, in the order of the arrays:
-- 'created', 'stored' (an earlier transaction or row had the same batch), 'deleted' (the document was
-- deleted), or 'busy'. A busy row is not appended, because another transaction holds the lock of its
-- document, and waiting for a roll or a fold of one document would delay the others. The caller appends it
-- separately.
--
-- Callers sort the rows by document and batch, so that two calls with the same rows cannot deadlock. A call
-- that would have to wait for an open transaction that appends the same batch or creates the same document
-- fails with 55P03, so that the other rows do not wait.
CREATE FUNCTION ydoc_append_group(
  p_doc_ids text[], p_batch_ids uuid[], p_updates bytea[], p_structs integer[],
  p_keep_history boolean[])
RETURNS TABLE (outcome text, row_seq bigint)
LANGUAGE plpgsql VOLATILE SET lock_timeout = '200ms' AS $$
BEGIN
  PERFORM ydoc_require_read_committed();
  FOR i IN 1 .. cardinality(p_doc_ids) LOOP
    row_seq := NULL;
    IF NOT pg_try_advisory_xact_lock_shared(ydoc_lock_key(p_doc_ids[i])) THEN
      outcome := 'busy';
    ELSIF EXISTS (
      SELECT FROM ydoc_document d WHERE d.doc_id = p_doc_ids[i] AND d.deleted_at IS NOT NULL
    ) THEN
      outcome := 'deleted';
    ELSE
      IF p_keep_history[i] THEN
        PERFORM ydoc_keep_history(p_doc_ids[i]);
      END IF;
      SELECT CASE WHEN a.created THEN 'created' ELSE 'stored' END, a.row_seq
      INTO outcome, row_seq
      FROM ydoc_append(p_doc_ids[i], p_batch_ids[i], p_updates[i], p_structs[i]) a;
    END IF;
    RETURN NEXT;
  END LOOP;
END
$$;
