mail = Correo
files = Archivos
unread = { $count ->
    [0] Ningún mensaje sin leer
    [one] { $count } mensaje sin leer
   *[other] { $count } mensajes sin leer
}
total = { $count ->
    [0] Ningún mensaje en la bandeja de entrada
    [one] { $count } mensaje en la bandeja de entrada
   *[other] { $count } mensajes en la bandeja de entrada
}
from = de
new = sin leer
no-subject = (sin asunto)
feed-title = Correo de { $login }, { $name }
room = { $used } de { $limit } usados
room-used = { $used } usados
day = { $day }/{ $month }/{ $year }
decimal-mark = ,
size-b = { $number } B
size-kb = { $number } kB
size-mb = { $number } MB
size-gb = { $number } GB
size-tb = { $number } TB
unreadable = { $count ->
    [one] { $count } mensaje no se puede mostrar aquí
   *[other] { $count } mensajes no se pueden mostrar aquí
}
cause-mail-unavailable = El servidor de correo no responde. Sus mensajes están a salvo; inténtelo más tarde.
cause-mail-unsupported = Con este inicio de sesión no se abre el correo: abra su correo para iniciar sesión allí.
cause-mail-refused = El servidor de correo no acepta este inicio de sesión.
cause-mail-missing = Todavía no hay un buzón para usted.
cause-files-unavailable = El servidor de archivos no responde. Sus archivos están a salvo; inténtelo más tarde.
cause-files-refused = Con este inicio de sesión no se pueden abrir sus archivos.
cause-directory-unavailable = El directorio no responde: nadie puede decir ahora quién es usted. Inténtelo más tarde.
cause-sign-on-unavailable = El servidor de autenticación no responde. Inténtelo más tarde.
cause-sign-on-refused = Este inicio de sesión ya no es válido. Inicie sesión de nuevo.
cause-sign-on-unknown = Ha iniciado sesión, pero aquí no se le conoce. Consulte a su servicio de asistencia.
cause-sign-on-unsupported = Aquí no se acepta nada de este tipo.
cause-sign-on-missing = Esta dirección no es una de las de la institución.
cause-sign-on-invalid = Hace falta uno de ticket y jwt.
cause-gateway-unavailable = Este servicio no está disponible ahora. Inténtelo más tarde.
cause-unavailable = Algo detrás de este servicio no responde. Inténtelo más tarde.
cause-internal = Este servicio tiene un fallo; se ha anotado.
cause-refused = Esto se rechaza.
cause-failed = Esto no se puede mostrar ahora.
