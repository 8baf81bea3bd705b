# A portal in Perl, by RPC::XML.
use strict;
use warnings;
use utf8;
use RPC::XML;
use RPC::XML::Client;
binmode STDOUT, ':utf8';
$RPC::XML::ENCODING = 'utf-8';

my ($url, $ca, $who, $word, $step) = @ARGV;
my ($login, $password) = split /:/, $who, 2;
my $client = RPC::XML::Client->new($url);
$client->useragent->ssl_opts(SSL_ca_file => $ca);
$client->useragent->default_headers->authorization_basic($login, $password);

# Values as the protocol has them: Perl itself does not tell a string from a number.
sub text { return RPC::XML::string->new($_[0]) }
sub texts { return RPC::XML::array->new(from => [map { text($_) } @_]) }

sub call {
    my ($method, @params) = @_;
    my $answer = $client->send_request($method, @params);
    die "$method: $answer\n" unless ref $answer;
    return $answer->is_fault ? $answer->code : $answer->value;
}

sub show { print join(' ', @_), "\n" }
sub among { my ($wanted, $all) = @_; return (grep { $_ eq $wanted } @$all) ? 'yes' : 'no' }

if ($step eq 'make') {
    my $made = call('account.create', {
        login => text($word), name => text("Zoë O'Neil <&>"), mails => texts("$word\@a.test", "$word.2\@a.test"),
        password => text('mot de passe é<&> '), affiliations => texts('student'),
    });
    show($made->{login} eq $word ? 'made' : 'not', $made->{name});
    show(call('account.create', { login => text($word) }), call('account.create', { login => text("$word,x") }), call('account.create', { lgin => text('x') }));
    show(@{ call('account.get', text($word))->{mails} });
    show(call('account.lock', text($word)), call('account.lock', text($word)), call('account.get', text($word))->{locked});
    show(call('group.create', text("$word-g"), text('Groupe é'))->{dynamic}, call('group.addMembers', text("$word-g"), texts($word, 'u00007')));
    show(among("$word-g", call('account.get', text($word))->{groups}));
} elsif ($step eq 'change') {
    show(call('account.unlock', text($word)), call('account.rename', text($word), text("${word}n"))->{login} eq "${word}n" ? 'renamed' : 'not');
    show(call('group.rename', text("$word-g"), text("$word-h"))->{name} eq "$word-h" ? 'renamed' : 'not', among("$word-h", call('account.get', text("${word}n"))->{groups}));
    show(call('group.removeMembers', text("$word-h"), texts('u00007')), call('group.create', { name => text("$word-d"), filter => text("(uid=${word}n)") })->{dynamic});
} else {
    show(map({ $_->{kind} } @{ call('account.delete', text("${word}n"))->{data} }), call('account.get', text("${word}n"))->{disabled});
    show(call('group.delete', text("$word-h")), call('group.delete', text("$word-d")), call('group.delete', text("$word-h")));
}
