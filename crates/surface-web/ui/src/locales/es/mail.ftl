mail-failed = Su correo no está disponible en este momento.
