<?php
// Whoever leaves a description in the folder `services` is a service of this campus: its entity id, its addresses, and the
// certificate of its signatures, as JSON.
foreach (glob('@DIR@/services/*.json') as $file) {
    $service = json_decode(file_get_contents($file), true);
    $acs = [];
    foreach ($service['acs'] as $index => $location) {
        $acs[] = ['index' => $index, 'Binding' => 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST', 'Location' => $location];
    }
    $metadata[$service['entityId']] = [
        'AssertionConsumerService' => $acs,
        'SingleLogoutService' => [
            ['Binding' => 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect', 'Location' => $service['slo']],
        ],
        'certData' => $service['certificate'],
    ];
}
