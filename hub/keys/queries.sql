-- name: generations
-- With the head locked: the numbers that a transaction under way has given are waited for.
SELECT r.name, r.generation, r.last_number, r.acknowledged_number, s.revoked_at IS NOT NULL AS is_revoked
FROM recipient r LEFT JOIN grant_standing s ON s.recipient = r.name AND s.generation = r.generation
ORDER BY r.name, r.generation

-- name: last_for_register
SELECT register_number FROM head

-- name: forget_content_keys
UPDATE seal_run SET sealed_key = NULL WHERE recipient_key = $1 AND sealed_key IS NOT NULL
