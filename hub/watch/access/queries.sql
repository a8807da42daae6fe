-- name: raise_alerts
INSERT INTO alert (alert_id, rule, operator, first_day, last_day, subject, evidence, figures)
SELECT alert_id, rule, operator, first_day, last_day, subject,
    ARRAY(SELECT jsonb_array_elements_text(evidence)::uuid), figures
FROM unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::date[], $6::text[], $7::jsonb[], $8::jsonb[])
    AS said (alert_id, rule, operator, first_day, last_day, subject, evidence, figures)
ON CONFLICT DO NOTHING

-- name: fail_entry
INSERT INTO failed_entry (topic, partition, "offset", code) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING

-- name: list
SELECT * FROM alert_list WHERE $1 OR outcome IS NULL ORDER BY raised_at, alert_id

-- name: count_failed
SELECT count(*) FROM failed_entry

-- name: show
SELECT * FROM show_alert($1, $2)

-- name: review
SELECT review_alert($1, $2, $3, $4)
