"""Number requests (個人番号の生成要求): who needs a My Number is asked for until she has one."""
