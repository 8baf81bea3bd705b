<?php
// Passwords are the directory's.
$config = [
    'people' => [
        'ldap:LDAP',
        'hostname' => 'ldap://127.0.0.1:@LDAP@',
        'enable_tls' => false,
        'referrals' => false,
        'attributes' => ['uid', 'mail', 'eduPersonPrincipalName', 'displayName'],
        'dnpattern' => 'uid=%username%,ou=people,dc=a,dc=test',
    ],
];
