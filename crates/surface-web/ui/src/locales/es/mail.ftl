# Correo.
mailbox-inbox = Bandeja de entrada
mailbox-flagged = Destacados
mailbox-drafts = Borradores
mailbox-sent = Enviados
mailbox-archive = Archivo
mailbox-junk = No deseado
mailbox-trash = Papelera
mail-answered = respondido
mail-archive = Archivar
mail-attach = Adjuntar archivos
mail-attachment = Adjunto
mail-attachments = Adjuntos
mail-back = Volver a la lista
mail-bcc = Cco
mail-bold = Negrita
mail-cc = Cc
mail-cc-bcc = Cc y Cco
mail-choose = Elija un mensaje para leerlo
mail-choose-hint = J y K recorren la lista, ? muestra todas las teclas.
mail-close-anyway = Cerrar y perderlo
mail-close-unsaved = Aún no se ha guardado todo lo que ha escrito. ¿Cerrar el mensaje de todos modos?
mail-compose = Mensaje nuevo
mail-date = Fecha
mail-delete = Eliminar
mail-detach = Quitar { $name }
mail-details = Detalles
mail-discard = Descartar el borrador
mail-download = Descargar { $name }
mail-download-this = Descargar
mail-draft-failed = Aún sin guardar: su texto está a salvo aquí, lo seguimos intentando
mail-draft-saved = Borrador guardado
mail-draft-saving = Guardando…
mail-empty = Aquí no hay nada
mail-empty-hint = Los mensajes aparecerán aquí cuando lleguen.
mail-failed = Su correo no está disponible en este momento.
mail-failed-safe = No se ha perdido nada: sus mensajes están en el servidor de su universidad.
mail-flag = Destacar
mail-flagged = destacado
mail-format = Formato
mail-forward = Reenviar
mail-make-task = Crear una tarea
mail-forward-line = Mensaje reenviado de { $name }, { $date }:
mail-found = Encontrado: { $words }
mail-found-none = Ningún mensaje encontrado
mail-from = De
mail-has-attachment = con adjunto
mail-italic = Cursiva
mail-junk = Marcar como no deseado
mail-list = Lista
mail-list-width = Ancho de la lista
mail-look-at = Ver { $name }
mail-mailboxes = Carpetas
mail-mark-unread = Marcar como no leído
mail-message-failed = No se ha podido cargar este mensaje.
mail-messages = Mensajes
mail-more = Más
mail-move = Mover
mail-next = Mensaje siguiente
mail-no-address = Esto no es una dirección.
mail-no-identity = Aquí no tiene ninguna dirección de envío.
mail-no-mailbox = No hay ningún buzón
mail-no-subject = (sin asunto)
mail-nobody = (nadie)
mail-nobody-to = Indique un destinatario.
mail-not-sent = El mensaje no se ha enviado. Sigue aquí.
mail-open = Abrir
mail-previous = Mensaje anterior
mail-print = Imprimir
mail-quote = Cita
mail-quote-line = El { $date }, { $name } escribió:
mail-quoted = Texto citado
mail-reading = Lectura
mail-refused = No se ha hecho: todo sigue igual.
mail-destroy = Eliminar definitivamente
mail-destroy-hint = Lo que se elimina de la papelera no se puede recuperar.
mail-some-kept = No se ha podido eliminar todo: el resto sigue aquí.
mail-account-away = Este correo no está disponible en este momento.
mail-thread-failed = No se ha podido cargar toda la conversación.
mail-remote-show = Mostrar imágenes
mail-remove-recipient = Quitar a { $name }
mail-reply = Responder
mail-reply-all = Responder a todos
mail-save = Guardar como archivo
mail-search-hint = Pruebe con menos palabras, o from:, to:, subject:, has:attachment, before:2026-01-31, is:unread.
mail-seen = Leído o no leído
mail-select = Seleccionar
mail-select-none = No seleccionar nada
mail-send = Enviar
mail-sending = El mensaje está a punto de salir
mail-sent = El mensaje se ha enviado
mail-sent-unknown = No se sabe si el mensaje se ha enviado: mire en Enviados antes de volver a enviarlo.
mail-source = Ver el código fuente
mail-still-uploading = Todavía se está adjuntando un archivo.
mail-subject = Asunto
mail-text = Texto del mensaje
mail-to = Para
mail-to-short = para { $names }
mail-underline = Subrayado
mail-unread = no leído
mail-upload-failed = No se ha podido adjuntar un archivo.
mail-upload-gone = Un archivo ya no está: quítelo o adjúntelo de nuevo. Lo guardado antes se conserva.
mail-full = Su buzón está lleno: no se puede guardar nada más. Lo que ha escrito sigue aquí. Elimine mensajes grandes y vacíe la papelera, y continúe.
mail-write-on = Seguir escribiendo
mail-conversations = Conversaciones
mail-list-options = Opciones de la lista
mail-me = yo
mail-suggest-group = grupo
mail-suggest-recent = usted le ha escrito
mail-role-student = estudiante
mail-role-faculty = docencia e investigación
mail-role-teacher = docencia
mail-role-researcher = investigación
mail-role-staff = administración y servicios
mail-role-employee = personal
mail-role-emeritus = emérito
mail-role-retired = jubilado
mail-role-alum = antiguo alumno
mail-suggest-none = Ninguna sugerencia
mail-import = Importar mensajes…
mail-import-of = Importación en { $mailbox }
mail-import-stop = Detener
mail-import-stopped = Detenido. Lo importado se queda; lo que ya está no se importa de nuevo.
mail-import-done = Terminado.
mail-import-away = Su correo no está accesible. Nada se importa dos veces si lo intenta de nuevo.
mail-import-large = { $name }: el mensaje { $number } es demasiado grande para su correo.
mail-import-refused = { $name }: el mensaje { $number } no se aceptó ({ $why }).
mail-import-unknown = { $name }: no se sabe si el mensaje { $number } se importó. No tiene Message-ID y no se intenta de nuevo.
mail-import-drop = Suelte archivos .eml o mbox para importarlos aquí
mail-export = Exportar esta carpeta (mbox)
mail-export-selected = Exportar la selección (mbox)
mail-export-failed = No se pudieron exportar los mensajes.
mail-export-many = Es demasiado a la vez: exporte la carpeta o seleccione menos.
mail-export-gone = Algunos de estos mensajes ya no están, por lo que no se exportó nada. Seleccione de nuevo entre lo que hay ahora en la lista.
mail-archived = { $count ->
    [one] Un mensaje archivado
   *[other] { $count } mensajes archivados
}
mail-deleted = { $count ->
    [one] Un mensaje eliminado
   *[other] { $count } mensajes eliminados
}
mail-junked = { $count ->
    [one] Un mensaje marcado como no deseado
   *[other] { $count } mensajes marcados como no deseados
}
mail-moved = { $count ->
    [one] Un mensaje movido a { $mailbox }
   *[other] { $count } mensajes movidos a { $mailbox }
}
mail-count = { $count ->
    [one] Un mensaje
   *[other] { $count } mensajes
}
mail-conversation = { $count ->
    [one] Un mensaje en esta conversación
   *[other] { $count } mensajes en esta conversación
}
mail-selected = { $count ->
    [one] Uno seleccionado
   *[other] { $count } seleccionados
}
mail-unread-count = { $count ->
    [one] uno sin leer
   *[other] { $count } sin leer
}
mail-drafts-count = { $count ->
    [one] un borrador
   *[other] { $count } borradores
}
mail-remote-blocked = { $count ->
    [one] Una imagen remota no se muestra, para proteger su privacidad.
   *[other] { $count } imágenes remotas no se muestran, para proteger su privacidad.
}
mail-conversation-count = { $count ->
    [one] Una conversación
   *[other] { $count } conversaciones
}
mail-suggest-found = { $count ->
    [one] Una sugerencia
   *[other] { $count } sugerencias
}
mail-import-count = { $count ->
    [one] Un mensaje importado
   *[other] { $count } mensajes importados
}
mail-import-there = { $count ->
    [one] Uno ya estaba
   *[other] { $count } ya estaban
}
mail-new = { $count ->
    [one] Un mensaje nuevo
   *[other] { $count } mensajes nuevos
}
