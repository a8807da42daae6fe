"""Settings, connections, progress, migrations, logging: imported by producers, hub and consumers."""
