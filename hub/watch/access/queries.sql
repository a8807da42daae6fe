-- name: raise_alerts
INSERT INTO alert (alert_id, rule, operator, first_day, last_day, subject, evidence, figures)
SELECT alert_id, rule, operator, first_day, last_day, subject,
    ARRAY(SELECT jsonb_array_elements_text(evidence)::uuid), figures
FROM unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::date[], $6::text[], $7::jsonb[], $8::jsonb[])
    AS said (alert_id, rule, operator, first_day, last_day, subject, evidence, figures)
ON CONFLICT DO NOTHING

-- name: fail_entry
INSERT INTO failed_entry (topic, partition, "offset", code) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING

-- name: take_up_to
UPDATE taken SET number = $1 WHERE number < $1

-- name: taken
SELECT number FROM taken

-- name: list
SELECT alert_id, rule, first_day, last_day, about_a_resident, lookups, figures, raised_at, outcome, note_code
FROM alert LEFT JOIN (
    SELECT DISTINCT ON (alert_id) alert_id, outcome, note_code FROM review ORDER BY alert_id, number DESC
) AS newest USING (alert_id)
WHERE $1 OR outcome IS NULL ORDER BY raised_at, alert_id

-- name: count_failed
SELECT count(*) FROM failed_entry

-- name: show
SELECT * FROM show_alert($1, $2)

-- name: review
SELECT review_alert($1, $2, $3, $4)
