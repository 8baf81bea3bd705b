calendar-calendars = Calendarios
calendar-new = Nuevo evento
calendar-event = Evento
calendar-today = Hoy
calendar-previous = Anterior
calendar-next = Siguiente
calendar-views = Vistas
calendar-view-day = Día
calendar-view-week = Semana
calendar-view-month = Mes
calendar-view-list = Lista
calendar-hours = Horas del día
calendar-add-day = Nuevo evento el { $day }
calendar-busy = Ocupado
calendar-more = { $count } más
calendar-all-day = Todo el día
calendar-nothing = Nada en estos días
calendar-none = Todavía no hay ningún calendario
calendar-none-hint = Cree uno, o pida a alguien que comparta el suyo con usted.
calendar-new-calendar = Nuevo calendario
calendar-name = Nombre
calendar-colour = Color
calendar-default = Las invitaciones llegan a este calendario
calendar-save = Guardar
calendar-title = Título
calendar-from = Desde
calendar-to = Hasta
calendar-every = Se repite
calendar-once = Nunca
calendar-daily = Cada día
calendar-weekly = Cada semana
calendar-monthly = Cada mes
calendar-yearly = Cada año
calendar-in = Calendario
calendar-place = Lugar
calendar-description = Descripción
calendar-wrong-times = Termina antes de empezar.
calendar-which = Se repite. ¿A cuál de sus fechas se refiere?
calendar-this-time = Solo esta vez
calendar-following = Esta vez y todas las siguientes
calendar-all-times = Todas las veces
calendar-import = Importar un archivo
calendar-export = Exportar (.ics)
calendar-remove = Eliminar
calendar-made = { $title } está en el calendario.
calendar-changed = { $title } se ha modificado.
calendar-removed = { $title } se ha eliminado.
calendar-problem-away = Ahora mismo no se puede llegar al servidor de calendarios. Lo que se ve puede ser antiguo.
calendar-problem-forbidden = Puede ver esto, pero no cambiarlo.
calendar-problem-gone = Esto ya no está.
calendar-problem-full = No queda espacio.
calendar-problem-large = Es más grande de lo que se acepta aquí.
calendar-problem-refused = El servidor de calendarios no lo acepta así.
calendar-problem-no-rule = A partir de esta fecha ninguna regla puede expresarlo. Elija solo esta fecha o todas.
calendar-problem-not-ended = No se pudo terminar la parte anterior; no se ha cambiado nada.
calendar-problem-doubled = No se pudo terminar la parte anterior, y lo cambiado está al lado. Elimine una de las dos.
calendar-interval-daily = Cada … días
calendar-interval-weekly = Cada … semanas
calendar-interval-monthly = Cada … meses
calendar-interval-yearly = Cada … años
calendar-ends = Termina
calendar-ends-never = Nunca
calendar-ends-day = En una fecha
calendar-ends-count = Tras varias veces
calendar-last-day = Último día
calendar-count = Cuántas veces
calendar-days = Estos días
calendar-rule-kept = Como lo escribió otro programa
calendar-rule-on = los { $days }
calendar-rule-until = hasta el { $day }
calendar-alarm = Aviso
calendar-alarm-none = Ninguno
calendar-alarm-start = Cuando empieza
calendar-alarm-before = { $time } antes
calendar-alarm-kept = Como lo escribió otro programa
calendar-private = Privado: los demás solo ven que está ocupado
calendar-only = Mostrar solo este
calendar-share = Compartir
calendar-rename = Nombre y color
calendar-change = Cambiar { $name }
calendar-actions = Acciones para { $name }
calendar-gone = Se eliminó el calendario { $name } con sus eventos.
calendar-print = Imprimir
calendar-keys-move = Mover el evento
calendar-keys-stretch = Alargar o acortar el evento
calendar-rule-daily = { $count ->
    [one] cada día
   *[other] cada { $count } días
}
calendar-rule-weekly = { $count ->
    [one] cada semana
   *[other] cada { $count } semanas
}
calendar-rule-monthly = { $count ->
    [one] cada mes
   *[other] cada { $count } meses
}
calendar-rule-yearly = { $count ->
    [one] cada año
   *[other] cada { $count } años
}
calendar-rule-times = { $count ->
    [one] una vez
   *[other] { $count } veces
}
calendar-problem-taken = Esto ya está ahí.
calendar-colleagues = Horarios de colegas
calendar-colleague-add = Mostrar los horarios de otra persona
calendar-colleague-hint = Usted ve cuándo la persona no está disponible, nunca por qué. No se le avisa.
calendar-colleague-sharing = Estas personas comparten con usted cuándo están ocupadas
calendar-colleague-remove = No mostrar más a { $name }
calendar-colleague-untold = Sus horarios no se le comunican.
calendar-colleague-away = Ahora mismo no se pueden consultar sus horarios.
calendar-colleague-busy = { $name }: no disponible, { $time }
calendar-colleague-on = { $name } tiene algo este día
calendar-colleagues-most = Se muestran diez personas como máximo.
calendar-follow = Añadir un calendario por su dirección
calendar-follow-short = Añadir por dirección
calendar-address = Dirección
calendar-address-hint = La dirección de un archivo .ics, con https:// o webcal://. Aquí se vuelve a leer cada cierto tiempo y nunca se modifica.
calendar-follow-name = Nombre (opcional)
calendar-follow-name-hint = Si se deja vacío, se llama como lo llama quien lo publica.
calendar-follow-reading = Leyendo el calendario …
calendar-follow-do = Añadir
calendar-followed-already = Ya sigue este calendario.
calendar-from-host = De { $host }
calendar-timetable = Horario
calendar-away-since = No se alcanza desde { $moment }. { $fault }
calendar-left-out = Una parte no se puede leer:
calendar-makes-busy = Sus eventos me ocupan
calendar-unfollowed = Ya no sigue { $name }.
calendar-put-away = Apartados
calendar-show-again = Mostrar
calendar-show-again-named = Mostrar de nuevo { $name }
