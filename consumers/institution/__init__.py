"""An institution that asks the intermediate server (情報照会者); it keeps nothing here. Simulated."""
