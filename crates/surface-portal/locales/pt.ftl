mail = Correio
files = Ficheiros
unread = { $count ->
    [0] Nenhuma mensagem não lida
    [one] { $count } mensagem não lida
   *[other] { $count } mensagens não lidas
}
total = { $count ->
    [0] Nenhuma mensagem na caixa de entrada
    [one] { $count } mensagem na caixa de entrada
   *[other] { $count } mensagens na caixa de entrada
}
from = de
new = não lida
no-subject = (sem assunto)
feed-title = Correio de { $login }, { $name }
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
    [one] { $count } mensagem não pode ser mostrada aqui
   *[other] { $count } mensagens não podem ser mostradas aqui
}
cause-mail-unavailable = O servidor de correio não responde. As suas mensagens estão seguras; tente mais tarde.
cause-mail-unsupported = Com este início de sessão não se abre o correio: abra o seu correio para iniciar sessão aí.
cause-mail-refused = O servidor de correio não aceita este início de sessão.
cause-mail-missing = Ainda não há uma caixa de correio para si.
cause-files-unavailable = O servidor de ficheiros não responde. Os seus ficheiros estão seguros; tente mais tarde.
cause-files-refused = Com este início de sessão não se podem abrir os seus ficheiros.
cause-directory-unavailable = O diretório não responde: ninguém pode dizer agora quem é. Tente mais tarde.
cause-sign-on-unavailable = O servidor de autenticação não responde. Tente mais tarde.
cause-sign-on-refused = Este início de sessão já não é válido. Inicie sessão de novo.
cause-sign-on-unknown = A sua identidade foi confirmada, mas aqui é desconhecida. Contacte o apoio.
cause-sign-on-unsupported = Nada deste tipo é aceite aqui.
cause-sign-on-missing = Este endereço não é um dos da instituição.
cause-sign-on-invalid = É preciso um de ticket e jwt.
cause-gateway-unavailable = Este serviço não está disponível agora. Tente mais tarde.
cause-unavailable = Algo por trás deste serviço não responde. Tente mais tarde.
cause-internal = Este serviço tem uma falha; foi registada.
cause-refused = Isto é recusado.
cause-failed = Isto não pode ser mostrado agora.
