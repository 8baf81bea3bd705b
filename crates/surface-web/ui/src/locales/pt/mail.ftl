# Correio.
mailbox-inbox = Caixa de entrada
mailbox-flagged = Com estrela
mailbox-drafts = Rascunhos
mailbox-sent = Enviados
mailbox-archive = Arquivo
mailbox-junk = Lixo eletrónico
mailbox-trash = Lixo
mail-answered = respondida
mail-archive = Arquivar
mail-attach = Anexar ficheiros
mail-attachment = Anexo
mail-attachments = Anexos
mail-back = Voltar à lista
mail-bcc = Bcc
mail-bold = Negrito
mail-cc = Cc
mail-cc-bcc = Cc e Bcc
mail-choose = Escolha uma mensagem para a ler
mail-choose-hint = J e K percorrem a lista, ? mostra todas as teclas.
mail-close-anyway = Fechar e perder o texto
mail-close-unsaved = Nem tudo o que escreveu está guardado. Fechar a mensagem mesmo assim?
mail-compose = Nova mensagem
mail-date = Data
mail-delete = Eliminar
mail-detach = Remover { $name }
mail-details = Detalhes
mail-discard = Eliminar o rascunho
mail-download = Transferir { $name }
mail-download-this = Transferir
mail-draft-failed = Ainda não guardado: o texto está seguro aqui, continuamos a tentar
mail-draft-saved = Rascunho guardado
mail-draft-saving = A guardar…
mail-empty = Nada aqui
mail-empty-hint = As mensagens aparecerão aqui quando chegarem.
mail-failed = O seu correio não está acessível neste momento.
mail-failed-safe = Nada se perdeu: as suas mensagens estão no servidor da sua universidade.
mail-flag = Marcar
mail-flagged = com estrela
mail-format = Formato
mail-forward = Reencaminhar
mail-make-task = Criar uma tarefa
mail-forward-line = Mensagem reencaminhada de { $name }, { $date }:
mail-found = Encontrado: { $words }
mail-found-none = Nenhuma mensagem encontrada
mail-from = De
mail-has-attachment = com anexo
mail-italic = Itálico
mail-junk = Marcar como lixo
mail-list = Lista
mail-list-width = Largura da lista
mail-look-at = Ver { $name }
mail-mailboxes = Pastas
mail-mark-unread = Marcar como não lida
mail-message-failed = Não foi possível carregar esta mensagem.
mail-messages = Mensagens
mail-more = Mais
mail-move = Mover
mail-next = Mensagem seguinte
mail-no-address = Isto não é um endereço.
mail-no-identity = Aqui não tem endereço para enviar.
mail-no-mailbox = Não há caixa de correio
mail-no-subject = (sem assunto)
mail-nobody = (ninguém)
mail-nobody-to = Indique um destinatário.
mail-not-sent = A mensagem não foi enviada. Continua aqui.
mail-open = Abrir
mail-previous = Mensagem anterior
mail-print = Imprimir
mail-quote = Citação
mail-quote-line = Em { $date }, { $name } escreveu:
mail-quoted = Texto citado
mail-reading = Leitura
mail-refused = Não foi feito: tudo está como antes.
mail-destroy = Eliminar definitivamente
mail-destroy-hint = O que é eliminado do lixo não pode ser recuperado.
mail-some-kept = Não foi possível eliminar tudo: o resto continua aqui.
mail-account-away = Este correio não está acessível neste momento.
mail-thread-failed = Não foi possível carregar toda a conversa.
mail-remote-show = Mostrar imagens
mail-remove-recipient = Remover { $name }
mail-reply = Responder
mail-reply-all = Responder a todos
mail-save = Guardar como ficheiro
mail-search-hint = Tente menos palavras, ou from:, to:, subject:, has:attachment, before:2026-01-31, is:unread.
mail-seen = Lida ou não lida
mail-select = Selecionar
mail-select-none = Limpar a seleção
mail-send = Enviar
mail-sending = A mensagem vai ser enviada
mail-sent = A mensagem foi enviada
mail-sent-unknown = Não se sabe se a mensagem foi enviada: veja nas mensagens enviadas antes de a enviar de novo.
mail-source = Ver o código-fonte
mail-still-uploading = Um ficheiro ainda está a ser anexado.
mail-subject = Assunto
mail-text = Texto da mensagem
mail-to = Para
mail-to-short = para { $names }
mail-underline = Sublinhado
mail-unread = não lida
mail-upload-failed = Não foi possível anexar um ficheiro.
mail-upload-gone = Um ficheiro já não está disponível: remova-o ou anexe-o de novo. O que estava guardado mantém-se.
mail-full = A sua caixa está cheia: não se pode guardar mais nada. O que escreveu continua aqui. Elimine mensagens grandes e esvazie o lixo, e continue.
mail-write-on = Continuar a escrever
mail-conversations = Conversas
mail-list-options = Opções da lista
mail-me = eu
mail-suggest-group = grupo
mail-suggest-recent = já lhe escreveu
mail-role-student = estudante
mail-role-faculty = ensino e investigação
mail-role-teacher = ensino
mail-role-researcher = investigação
mail-role-staff = administração e serviços
mail-role-employee = pessoal
mail-role-emeritus = emérito
mail-role-retired = aposentado
mail-role-alum = antigo aluno
mail-suggest-none = Nenhuma sugestão
mail-import = Importar mensagens…
mail-import-of = Importação para { $mailbox }
mail-import-stop = Parar
mail-import-stopped = Parado. O que foi importado fica; o que já existe não é importado de novo.
mail-import-done = Concluído.
mail-import-away = O seu correio está inacessível. Nada é importado duas vezes se tentar de novo.
mail-import-large = { $name }: a mensagem { $number } é grande demais para o seu correio.
mail-import-refused = { $name }: a mensagem { $number } não foi aceite ({ $why }).
mail-import-unknown = { $name }: não se sabe se a mensagem { $number } foi importada. Não tem Message-ID e não é repetida.
mail-import-drop = Largue ficheiros .eml ou mbox para os importar aqui
mail-export = Exportar esta pasta (mbox)
mail-export-selected = Exportar a seleção (mbox)
mail-export-failed = Não foi possível exportar as mensagens.
mail-export-many = É demasiado de uma vez: exporte a pasta ou selecione menos.
mail-export-gone = Algumas destas mensagens já não existem, por isso nada foi exportado. Selecione de novo entre o que está agora na lista.
mail-archived = { $count ->
    [one] Uma mensagem arquivada
   *[other] { $count } mensagens arquivadas
}
mail-deleted = { $count ->
    [one] Uma mensagem eliminada
   *[other] { $count } mensagens eliminadas
}
mail-junked = { $count ->
    [one] Uma mensagem marcada como lixo
   *[other] { $count } mensagens marcadas como lixo
}
mail-moved = { $count ->
    [one] Uma mensagem movida para { $mailbox }
   *[other] { $count } mensagens movidas para { $mailbox }
}
mail-count = { $count ->
    [one] { $count } mensagem
   *[other] { $count } mensagens
}
mail-conversation = { $count ->
    [one] Uma mensagem nesta conversa
   *[other] { $count } mensagens nesta conversa
}
mail-selected = { $count ->
    [one] Uma selecionada
   *[other] { $count } selecionadas
}
mail-unread-count = { $count ->
    [one] uma não lida
   *[other] { $count } não lidas
}
mail-drafts-count = { $count ->
    [one] um rascunho
   *[other] { $count } rascunhos
}
mail-remote-blocked = { $count ->
    [one] Uma imagem remota não é mostrada, para proteger a sua privacidade.
   *[other] { $count } imagens remotas não são mostradas, para proteger a sua privacidade.
}
mail-conversation-count = { $count ->
    [one] Uma conversa
   *[other] { $count } conversas
}
mail-suggest-found = { $count ->
    [one] Uma sugestão
   *[other] { $count } sugestões
}
mail-import-count = { $count ->
    [one] Uma mensagem importada
   *[other] { $count } mensagens importadas
}
mail-import-there = { $count ->
    [one] Uma já existia
   *[other] { $count } já existiam
}
mail-new = { $count ->
    [one] Uma nova mensagem
   *[other] { $count } novas mensagens
}
