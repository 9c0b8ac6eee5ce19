//! Values that no sign gives to a name: by their order, below and beside it, in pieces.

use super::*;

#[test]
fn strings_in_pieces_and_brackets() {
    reads(
        Kind::Code,
        &[
            (r#"token = "ab3" + "hunter22x""#, "token|hunter22x|Assignment"),
            ("token = 'hunter22' .\n  'hunter33'", "token|hunter22|Assignment\ntoken|hunter33|Assignment"),
            ("char key[] = \"hunter22\"\n  \"hunter33\";", "key|hunter22|Assignment\nkey|hunter33|Assignment"),
            (
                r#"h["Authorization"] = "Bearer " + "hunter22x""#,
                "Authorization|Bearer|Header\nAuthorization|hunter22x|Header",
            ),
            ("password = [[hunter22]]", "password|hunter22|Assignment"),
            ("my $password = q{hunter22};", "password|hunter22|Assignment"),
            ("tokens = %w[hunter22 hunter33]", "tokens|hunter22|List\ntokens|hunter33|List"),
            ("$tokens = array('hunter22', 'hunter33');", "tokens|hunter22|List\ntokens|hunter33|List"),
            ("'password': (None, 'hunter22'),", "password|hunter22|List"),
            ("password = x if y else 'hunter22'", "password|hunter22|Assignment"),
            ("password = x ? y : 'hunter22'", "password|hunter22|Assignment"),
            ("password = x ? 'hunter22' : 'hunter33'", "password|hunter22|Assignment\npassword|hunter33|Assignment"),
            ("process.env['DB_PASSWORD'] || 'hunter22'", "DB_PASSWORD|hunter22|Assignment"),
            (r#"std::string password{"hunter22"};"#, "password|hunter22|Argument"),
            ("$ENV{DB_PASSWORD} = 'hunter22';", "DB_PASSWORD|hunter22|Assignment"),
            (r#"Map("password" -> "hunter22")"#, "password|hunter22|Assignment"),
            (r#"mapOf("password" to "hunter22")"#, "password|hunter22|Json"),
        ],
    );
    leaves(
        Kind::Code,
        &[
            "password = [[\"hunter22\"]]",
            "password = q;",
            "x = \"${password} = 'hunter22'\"",
            "a ? password : b; 'hunter22'",
            "if (password || other) x('hunter22')",
            "key?.a",
        ],
    );
    // the parts of a sentence, a token that is one as a whole, members below one another
    reads(
        Kind::Code,
        &[
            (r#"password = "hunter22" + "wrong words""#, "password|hunter22|Assignment"),
            ("token = \"eyJhunter22\"\n + \"hunter33x\"", "token|eyJhunter22|Assignment"),
            ("token = 'hunter22'\n'hunter33x': 1", "token|hunter22|Assignment"),
        ],
    );
}

#[test]
fn arguments_by_their_order() {
    reads(
        Kind::Code,
        &[
            (r#"smtp.login("bob@h.net", "hunter22")"#, "bob@h.net|hunter22|Login"),
            (r#"login(user, 'hunter22')"#, "login|hunter22|Login"),
            ("new Credentials('bob',\n    'hunter22')", "bob|hunter22|Login"),
            ("http.basic_auth 'bob', 'hunter22'", "bob|hunter22|Login"),
            (r#"DriverManager.getConnection(url, "bob", "hunter22")"#, "bob|hunter22|Login"),
            (r#"smtp.PlainAuth("", "bob", "hunter22", "mail")"#, "bob|hunter22|Login"),
            (r#"get(u, auth=("bob", "hunter22"))"#, "auth|hunter22|List\nbob|hunter22|Login"),
            ("'Basic ' + btoa('bob:hunter22')", "bob|hunter22|Login"),
            ("client.setPassword('bob', 'hunter22')", "client.setPassword|hunter22|Argument"),
            ("SET PASSWORD FOR bob = PASSWORD('hunter22')", "PASSWORD|hunter22|Argument"),
            ("String getPassword() { return \"hunter22\"; }", "getPassword|hunter22|Assignment"),
            ("add_argument('--password', default='hunter22')", "password|hunter22|Assignment"),
        ],
    );
    leaves(
        Kind::Code,
        &[
            r#"login("bob", read("hunter22"))"#,
            r#"login("hunter22")"#,
            r#"login("bob", "hunter22" + x)"#,
            r#"getConnection(url, "hunter22")"#,
            "btoa('hunter22')",
            "btoa('a text: hunter22')",
            "getPassword()\n\nreturn \"hunter22\"",
            "add_argument('--password', help='x')\ny(default='hunter22')",
        ],
    );
}

#[test]
fn last_arguments_and_pipes() {
    reads(
        Kind::Shell,
        &[
            ("htpasswd -b f bob hunter22", "bob|hunter22|Command"),
            ("htpasswd -nbB -C 10 bob 'hunter22' > f", "bob|hunter22|Command"),
            ("rabbitmqctl add_user bob hunter22", "bob|hunter22|Command"),
            ("echo 'bob:hunter22' | chpasswd", "bob|hunter22|Command"),
            ("echo -n hunter22 | docker login -u bob --password-stdin h", "echo|hunter22|Command"),
            ("keytool -srcstorepass hunter22", "-srcstorepass|hunter22|Command\nsrcstorepass|hunter22|CommandLine"),
            ("smbclient //h/s -U bob%hunter22", "bob|hunter22|Command"),
            ("setenv DB_PASSWORD hunter22", "DB_PASSWORD|hunter22|Shell"),
            ("set -gx DB_PASSWORD hunter22", "DB_PASSWORD|hunter22|Shell"),
        ],
    );
    leaves(
        Kind::Shell,
        &[
            "htpasswd -c f hunter22",
            "htpasswd -b hunter22",
            "echo hunter22 > f; docker login --password-stdin < g",
            "echo hunter22 | chpasswd",
        ],
    );
}

#[test]
fn rows_of_tables() {
    reads(
        Kind::Code,
        &[
            ("INSERT INTO t (a, `password`) VALUES (1, 'hunter22')", "password|hunter22|Assignment"),
            (
                "insert into t (token, b) values ('hunter22', NOW()), ('hunter33', NULL);",
                "token|hunter22|Assignment\ntoken|hunter33|Assignment",
            ),
            ("DECLARE @password NVARCHAR(50) = N'hunter22'", "password|hunter22|Assignment"),
            ("Dim password As String = \"hunter22\"", "password|hunter22|Assignment"),
        ],
    );
    leaves(
        Kind::Code,
        &[
            "INSERT INTO t (a, password) VALUES (?, ?)",
            "INSERT INTO t (password, a) VALUES (f(1, 2), 'hunter22')",
            "INSERT INTO t (a, b) VALUES (1, 'hunter22')",
            "INSERT INTO t (password) VALUES ('0123456789abcdef0123456789abcdef')",
            "identified by `hunter22`",
        ],
    );
}

#[test]
fn values_below_and_beside() {
    reads(
        Kind::Yaml,
        &[
            ("a:\n  token:\n    hunter22\n", "token|hunter22|Yaml"),
            ("password: !!str hunter22", "password|hunter22|Yaml"),
            ("password: &db hunter22", "password|hunter22|Yaml"),
        ],
    );
    leaves(Kind::Yaml, &["a:\n  token:\n  hunter22\n", "token:\n  hunter22 and more\n", "token:\n  hunter:\n"]);
    reads(
        Kind::Markup,
        &[
            ("<key>ApiToken</key>\n<string>hunter22</string>", "key|ApiToken|XmlElement\nApiToken|hunter22|XmlElement"),
            ("<name>a.password</name><value>hunter22</value>", "a.password|hunter22|XmlElement"),
            ("<Password>\n <Value>hunter22</Value></Password>", "Password|hunter22|XmlElement"),
            ("<property name=\"password\">\n<value>hunter22</value>", "password|hunter22|XmlElement"),
        ],
    );
    leaves(Kind::Markup, &["<p>password</p><p>hunter22</p>", "a password</b><value>hunter22</value>"]);
    reads(
        Kind::Properties,
        &[
            ("password hunter22\n", "password|hunter22|Properties"),
            ("user bob insecure-password hunter22\n", "insecure-password|hunter22|Properties"),
        ],
    );
    leaves(Kind::Properties, &["password required pam_unix.so\n", "# the password policy\n"]);
    reads(
        Kind::Prose,
        &[
            ("password: 1t'shunter", "password|1t'shunter|Yaml"),
            ("X=\"DB_PASSWORD=hunter22 DB_NAME=x\"", "DB_PASSWORD|hunter22|ConnectionString"),
        ],
    );
    reads(Kind::Code, &[(r#"{"key": "password", "type": "text", "value": "hunter22"}"#, "password|hunter22|Json")]);
}
