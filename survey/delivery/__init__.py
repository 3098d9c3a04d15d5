"""How invitations reach people: messages and reminders, batches handed over, visits."""
