-- concurrent
-- Finds the rows of other documents with the same batch (`verify`) without reading all rows. Each statement runs
-- by itself, and writers go on meanwhile. An index whose building was interrupted is invalid, and built again.
DROP INDEX CONCURRENTLY IF EXISTS ydoc_update_by_batch;
CREATE INDEX CONCURRENTLY ydoc_update_by_batch ON ydoc_update (batch_id);
