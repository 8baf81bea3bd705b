<?php
// A portal in PHP: requests and answers by php-xmlrpc, HTTP by curl.
[, $url, $ca, $who, $word, $step] = $argv;

function call(string $method, ...$params) {
    global $url, $ca, $who;
    $options = ['encoding' => 'utf-8', 'escaping' => 'markup'];
    $curl = curl_init($url);
    curl_setopt_array($curl, [
        CURLOPT_CAINFO => $ca,
        CURLOPT_USERPWD => $who,
        CURLOPT_POSTFIELDS => xmlrpc_encode_request($method, $params, $options),
        CURLOPT_HTTPHEADER => ['Content-Type: text/xml; charset=utf-8'],
        CURLOPT_RETURNTRANSFER => true,
    ]);
    $body = curl_exec($curl);
    $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
    if ($status !== 200) {
        fwrite(STDERR, "$method: HTTP $status " . curl_error($curl) . "\n");
        exit(1);
    }
    $answer = xmlrpc_decode($body, 'utf-8');
    return is_array($answer) && xmlrpc_is_fault($answer) ? $answer['faultCode'] : $answer;
}

function show(...$values): void {
    echo implode(' ', array_map(fn ($value) => is_string($value) ? $value : json_encode($value, JSON_UNESCAPED_UNICODE), $values)), "\n";
}

switch ($step) {
    case 'make':
        $made = call('account.create', [
            'login' => $word, 'name' => 'Zoë O\'Neil <&>', 'mails' => ["$word@a.test", "$word.2@a.test"],
            'password' => 'mot de passe é<&> ', 'affiliations' => ['student'],
        ]);
        show($made['login'] === $word, $made['name']);
        show(call('account.create', ['login' => $word]), call('account.create', ['login' => "$word,x"]), call('account.create', ['lgin' => 'x']));
        show(call('account.get', $word)['mails']);
        show(call('account.lock', $word), call('account.lock', $word), call('account.get', $word)['locked']);
        show(call('group.create', "$word-g", 'Groupe é')['dynamic'], call('group.addMembers', "$word-g", [$word, 'u00007']));
        show(call('account.get', $word)['groups'] === ["$word-g"]);
        break;
    case 'change':
        show(call('account.unlock', $word), call('account.rename', $word, "{$word}n")['login'] === "{$word}n");
        show(call('group.rename', "$word-g", "$word-h")['name'] === "$word-h", call('account.get', "{$word}n")['groups'] === ["$word-h"]);
        show(call('group.removeMembers', "$word-h", ['u00007']), call('group.create', ['name' => "$word-d", 'filter' => "(uid={$word}n)"])['dynamic']);
        break;
    case 'end':
        show(array_column(call('account.delete', "{$word}n")['data'], 'kind'), call('account.get', "{$word}n")['disabled']);
        show(call('group.delete', "$word-h"), call('group.delete', "$word-d"), call('group.delete', "$word-h"));
        break;
}
