/** The tables of the PGlite store, and the statements that read and change them. Each is atomic by itself. */

/** Raise it with a migration when the tables change. */
export const TABLES_VERSION = 1

/**
 * The schema `y_electric`. Apps may read it and join it with tables of their own. Every statement can be repeated,
 * because two tabs may run them one after the other.
 */
export const CREATE_TABLES = `
  CREATE SCHEMA IF NOT EXISTS y_electric;

  CREATE TABLE IF NOT EXISTS y_electric.version (version integer PRIMARY KEY);
  INSERT INTO y_electric.version SELECT ${TABLES_VERSION}
  WHERE NOT EXISTS (SELECT FROM y_electric.version);

  -- One row per document. key: the address of the API and the id of the document. changed_at: when the device last
  -- stored something of it. content: what the app keeps of its content (keepContent).
  CREATE TABLE IF NOT EXISTS y_electric.documents (
    key        text PRIMARY KEY,
    changed_at timestamptz NOT NULL DEFAULT now(),
    resume     json,
    content    jsonb
  );

  -- Content, in the order of arrival. owner and commit name the change that stored it.
  CREATE TABLE IF NOT EXISTS y_electric.updates (
    id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key    text NOT NULL REFERENCES y_electric.documents ON DELETE CASCADE,
    owner  text NOT NULL,
    commit integer NOT NULL,
    data   bytea NOT NULL
  );
  CREATE INDEX IF NOT EXISTS updates_by_key ON y_electric.updates (key, id);

  -- Edits without an ack, and the page that sends them.
  CREATE TABLE IF NOT EXISTS y_electric.edits (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key      text NOT NULL REFERENCES y_electric.documents ON DELETE CASCADE,
    owner    text NOT NULL,
    batch_id text NOT NULL,
    data     bytea NOT NULL,
    made_at  double precision
  );
  CREATE INDEX IF NOT EXISTS edits_by_key ON y_electric.edits (key, id);

  -- Commits whose content must still be compared with what the server has. While a document has one, it has no
  -- resume point.
  CREATE TABLE IF NOT EXISTS y_electric.marks (
    id    text PRIMARY KEY,
    key   text NOT NULL REFERENCES y_electric.documents ON DELETE CASCADE,
    owner text NOT NULL
  );
  CREATE INDEX IF NOT EXISTS marks_by_key ON y_electric.marks (key);

  -- The last commit of each page, so that a commit without an answer is not stored twice.
  CREATE TABLE IF NOT EXISTS y_electric.pages (
    owner  text PRIMARY KEY,
    key    text NOT NULL REFERENCES y_electric.documents ON DELETE CASCADE,
    commit integer NOT NULL
  );
`

export const SELECT_VERSION = 'SELECT max(version) AS version FROM y_electric.version'

/** $1 key: the pages that own something of a document. */
export const SELECT_OWNERS = `
  SELECT owner FROM y_electric.edits WHERE key = $1
  UNION SELECT owner FROM y_electric.marks WHERE key = $1
  UNION SELECT owner FROM y_electric.pages WHERE key = $1`

/**
 * $1 key, $2 the page, $3 the pages whose edits it adopts, $4 true if it is unknown which pages are gone. Then all
 * edits are adopted under new ids: they may be sent twice, which changes nothing, but none are lost.
 */
const ADOPT = `
  renamed AS MATERIALIZED (
    SELECT batch_id, CASE WHEN $4::boolean THEN gen_random_uuid()::text ELSE batch_id END AS new_id
    FROM (SELECT DISTINCT batch_id FROM y_electric.edits WHERE key = $1) AS ids
  ), adopted AS (
    UPDATE y_electric.edits e SET owner = $2, batch_id = r.new_id FROM renamed r
    WHERE e.key = $1 AND e.batch_id = r.batch_id AND ($4::boolean OR e.owner = ANY($3::text[]))
    RETURNING e.id, e.batch_id, e.data, e.made_at
  )`

/** All rows of an answer have the same columns, so that one statement returns everything of one moment. */
export interface LoadedRow {
  readonly kind: 'update' | 'mine' | 'other' | 'mark' | 'document'
  readonly id: number | bigint | null
  /** The batch of an edit, or the id of a mark. */
  readonly name: string | null
  /** The page that made a mark. */
  readonly owner: string | null
  readonly data: Uint8Array | null
  readonly made_at: number | null
  readonly resume: unknown
}

const EDIT_ROWS = `
  SELECT 'mine' AS kind, id, batch_id AS name, NULL AS owner, data, made_at, NULL::json AS resume
  FROM adopted
  UNION ALL
  SELECT 'other', id, batch_id, NULL, data, made_at, NULL FROM y_electric.edits
  WHERE key = $1 AND NOT $4::boolean AND owner <> $2 AND owner <> ALL($3::text[])`

/** Parameters: see ADOPT. */
export const TAKE_OVER = `WITH ${ADOPT} ${EDIT_ROWS} ORDER BY id`

/** Parameters: see ADOPT. */
export const LOAD = `
  WITH ${ADOPT}, swept AS (
    DELETE FROM y_electric.pages WHERE key = $1 AND owner = ANY($3::text[]) AND owner <> $2
  )
  ${EDIT_ROWS}
  UNION ALL
  SELECT 'update', id, NULL, NULL, data, NULL, NULL FROM y_electric.updates WHERE key = $1
  UNION ALL
  SELECT 'mark', NULL, id, owner, NULL, NULL, NULL FROM y_electric.marks WHERE key = $1
  UNION ALL
  SELECT 'document', NULL, NULL, NULL, NULL, NULL, resume FROM y_electric.documents WHERE key = $1
  ORDER BY id`

/**
 * One change, entirely or not at all (DEV-1). $1 key, $2 the page, $3 the number of the commit, $4 updates, $5 ids of
 * updates that they replace, $6 batch ids, $7 bytes and $8 times of edits, $9 settled batch ids, $10 whether the resume
 * point changes, $11 the resume point, $12 the id of a mark or null, $13 ids of marks to delete. It returns the ids of
 * the stored updates, also if the same commit was stored before. Bytes are hexadecimal text: PGlite takes five times as
 * long to send a bytea.
 */
export const COMMIT = `
  WITH page AS (
    INSERT INTO y_electric.pages AS p (key, owner, commit) VALUES ($1, $2, $3)
    ON CONFLICT (owner) DO UPDATE SET commit = excluded.commit WHERE p.commit < excluded.commit
    RETURNING p.commit
  ), document AS (
    INSERT INTO y_electric.documents AS d (key, resume) VALUES ($1, $11::json)
    ON CONFLICT (key) DO UPDATE SET
      changed_at = now(), resume = CASE WHEN $10::boolean THEN excluded.resume ELSE d.resume END
    WHERE EXISTS (SELECT FROM page)
  ), replaced AS (
    DELETE FROM y_electric.updates WHERE id = ANY($5::bigint[]) AND EXISTS (SELECT FROM page)
  ), added AS (
    INSERT INTO y_electric.updates (key, owner, commit, data)
    SELECT $1, $2, $3, decode(data, 'hex') FROM unnest($4::text[]) WITH ORDINALITY AS u(data, at)
    WHERE EXISTS (SELECT FROM page) ORDER BY at
    RETURNING id
  ), unsent AS (
    INSERT INTO y_electric.edits (key, owner, batch_id, data, made_at)
    SELECT $1, $2, batch_id, decode(data, 'hex'), made_at
    FROM unnest($6::text[], $7::text[], $8::float8[]) WITH ORDINALITY AS e(batch_id, data, made_at, at)
    WHERE EXISTS (SELECT FROM page) ORDER BY at
  ), settled AS (
    DELETE FROM y_electric.edits
    WHERE key = $1 AND batch_id = ANY($9::text[]) AND EXISTS (SELECT FROM page)
  ), marked AS (
    INSERT INTO y_electric.marks (id, key, owner)
    SELECT $12, $1, $2 WHERE $12::text IS NOT NULL AND EXISTS (SELECT FROM page)
  ), compared AS (
    DELETE FROM y_electric.marks WHERE id = ANY($13::text[]) AND EXISTS (SELECT FROM page)
  )
  SELECT id FROM added
  UNION ALL SELECT id FROM y_electric.updates WHERE key = $1 AND owner = $2 AND commit = $3`

/** $1 key, $2 JSON: what the app keeps of the content of a document. */
export const KEEP_CONTENT = `
  INSERT INTO y_electric.documents (key, content) VALUES ($1, $2::jsonb)
  ON CONFLICT (key) DO UPDATE SET content = excluded.content`
