-- Opening an alert of the access log's analysis is a look-up too.
ALTER TABLE access_log DROP CONSTRAINT access_log_question_check;
ALTER TABLE access_log ADD CONSTRAINT access_log_question_check
    CHECK (question IN ('who', 'proof', 'preview', 'alert'));
