"""The register's rules: from a filing and the book to amendments, or to a refusal. Nothing here does I/O.

Source: 住民基本台帳法 第7条, 第22条-第25条; 住民記録システム標準仕様書 1.1.10, 4.0.3, 4.0.4, 4.0.8.
"""
