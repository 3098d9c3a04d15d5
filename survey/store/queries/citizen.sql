-- name: waves_to_serve()
-- The waves whose pages are served, and their state.
SELECT id, state FROM wave WHERE state <> 'draft' ORDER BY id;
