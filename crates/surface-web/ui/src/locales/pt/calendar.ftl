calendar-calendars = Calendários
calendar-new = Novo evento
calendar-event = Evento
calendar-today = Hoje
calendar-previous = Anterior
calendar-next = Seguinte
calendar-views = Vistas
calendar-view-day = Dia
calendar-view-week = Semana
calendar-view-month = Mês
calendar-view-list = Lista
calendar-hours = Horas do dia
calendar-add-day = Novo evento em { $day }
calendar-busy = Ocupado
calendar-more = Mais { $count }
calendar-all-day = Todo o dia
calendar-nothing = Nada nestes dias
calendar-none = Ainda não há nenhum calendário
calendar-none-hint = Crie um, ou peça a alguém que partilhe o seu consigo.
calendar-new-calendar = Novo calendário
calendar-name = Nome
calendar-colour = Cor
calendar-default = Os convites chegam a este calendário
calendar-save = Guardar
calendar-title = Título
calendar-from = De
calendar-to = Até
calendar-every = Repete-se
calendar-once = Nunca
calendar-daily = Todos os dias
calendar-weekly = Todas as semanas
calendar-monthly = Todos os meses
calendar-yearly = Todos os anos
calendar-in = Calendário
calendar-place = Local
calendar-description = Descrição
calendar-wrong-times = Termina antes de começar.
calendar-which = Repete-se. A qual das datas se refere?
calendar-this-time = Só desta vez
calendar-following = Esta vez e todas as seguintes
calendar-all-times = Todas as vezes
calendar-import = Importar um ficheiro
calendar-export = Exportar (.ics)
calendar-remove = Eliminar
calendar-made = { $title } está no calendário.
calendar-changed = { $title } foi alterado.
calendar-removed = { $title } foi eliminado.
calendar-problem-away = De momento não é possível chegar ao servidor de calendários. O que se vê pode ser antigo.
calendar-problem-forbidden = Pode ver isto, mas não alterá-lo.
calendar-problem-gone = Isto já não existe.
calendar-problem-full = Não há mais espaço.
calendar-problem-large = É maior do que se aceita aqui.
calendar-problem-refused = O servidor de calendários não o aceita assim.
calendar-problem-no-rule = A partir desta data nenhuma regra o consegue exprimir. Escolha só esta data ou todas.
calendar-problem-not-ended = Não foi possível terminar a parte anterior; nada foi alterado.
calendar-problem-doubled = Não foi possível terminar a parte anterior, e o que foi alterado está ao lado. Elimine uma das duas.
calendar-interval-daily = A cada … dias
calendar-interval-weekly = A cada … semanas
calendar-interval-monthly = A cada … meses
calendar-interval-yearly = A cada … anos
calendar-ends = Termina
calendar-ends-never = Nunca
calendar-ends-day = Numa data
calendar-ends-count = Após algumas vezes
calendar-last-day = Último dia
calendar-count = Quantas vezes
calendar-days = Nestes dias
calendar-rule-kept = Como outro programa o escreveu
calendar-rule-on = em { $days }
calendar-rule-until = até { $day }
calendar-alarm = Lembrete
calendar-alarm-none = Nenhum
calendar-alarm-start = Quando começa
calendar-alarm-before = { $time } antes
calendar-alarm-kept = Como outro programa o escreveu
calendar-private = Privado: os outros veem apenas que está ocupado
calendar-only = Mostrar apenas este
calendar-share = Partilhar
calendar-rename = Nome e cor
calendar-change = Alterar { $name }
calendar-actions = Ações para { $name }
calendar-gone = O calendário { $name } foi eliminado com os seus eventos.
calendar-print = Imprimir
calendar-keys-move = Mover o evento
calendar-keys-stretch = Alongar ou encurtar o evento
calendar-rule-daily = { $count ->
    [one] todos os dias
   *[other] a cada { $count } dias
}
calendar-rule-weekly = { $count ->
    [one] todas as semanas
   *[other] a cada { $count } semanas
}
calendar-rule-monthly = { $count ->
    [one] todos os meses
   *[other] a cada { $count } meses
}
calendar-rule-yearly = { $count ->
    [one] todos os anos
   *[other] a cada { $count } anos
}
calendar-rule-times = { $count ->
    [one] uma vez
   *[other] { $count } vezes
}
calendar-problem-taken = Isto já existe lá.
calendar-colleagues = Horários de colegas
calendar-colleague-add = Mostrar os horários de outra pessoa
calendar-colleague-hint = Vê quando a pessoa não está disponível, nunca porquê. A pessoa não é avisada.
calendar-colleague-sharing = Estas pessoas partilham consigo quando estão ocupadas
calendar-colleague-remove = Deixar de mostrar { $name }
calendar-colleague-untold = Os horários desta pessoa não lhe são comunicados.
calendar-colleague-away = De momento não é possível consultar os horários desta pessoa.
calendar-colleague-busy = { $name }: indisponível, { $time }
calendar-colleague-on = { $name } tem algo neste dia
calendar-colleagues-most = São mostradas dez pessoas no máximo.
calendar-follow = Adicionar um calendário pelo endereço
calendar-follow-short = Adicionar por endereço
calendar-address = Endereço
calendar-address-hint = O endereço de um ficheiro .ics, com https:// ou webcal://. É lido aqui repetidamente e nunca alterado.
calendar-follow-name = Nome (opcional)
calendar-follow-name-hint = Se ficar vazio, tem o nome que lhe dá quem o publica.
calendar-follow-reading = A ler o calendário …
calendar-follow-do = Adicionar
calendar-followed-already = Já segue este calendário.
calendar-from-host = De { $host }
calendar-timetable = Horário
calendar-away-since = Sem contacto desde { $moment }. { $fault }
calendar-left-out = Uma parte não se consegue ler:
calendar-makes-busy = Os seus eventos deixam-me ocupado
calendar-unfollowed = Já não segue { $name }.
calendar-put-away = Postos de lado
calendar-show-again = Mostrar
calendar-show-again-named = Mostrar de novo { $name }
