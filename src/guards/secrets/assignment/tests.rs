//! Every syntax with what it reads and what it leaves, hostile texts, and the work they cost.

mod hostile;
mod order;

use super::*;
use proptest::prelude::*;

const STEMS: &[&str] = &["pass", "pwd", "pw", "secret", "salt", "nonce", "token", "cookie", "key", "auth", "cred"];
const OTHERS: &[(Reader, &str)] = &[
    (Reader::Url, "://"),
    (Reader::Header, "basic "),
    (Reader::Header, "bearer "),
    (Reader::Command, "curl"),
    (Reader::Command, "mysql"),
    (Reader::Command, "sshpass"),
    (Reader::Command, "openssl"),
    (Reader::Command, "docker login"),
    (Reader::Command, "htpasswd"),
    (Reader::Command, "rabbitmqctl add_user"),
    (Reader::Command, "chpasswd"),
    (Reader::Command, "--password-stdin"),
    (Reader::Command, "keytool"),
    (Reader::Command, "smbclient"),
    (Reader::Header, "apikey "),
    (Reader::Login, "login("),
    (Reader::Login, "credential("),
    (Reader::Login, "credentials("),
    (Reader::Login, "basic_auth"),
    (Reader::Login, ".basic("),
    (Reader::Login, "getconnection("),
    (Reader::Login, "plainauth("),
    (Reader::Login, "auth=("),
    (Reader::Login, "jwt.sign("),
    (Reader::Command, "7z a"),
    (Reader::Login, "btoa("),
    (Reader::Sql, "identified"),
    (Reader::Sql, "insert into"),
    (Reader::SecureString, "convertto-securestring"),
    (Reader::Jwk, "kty"),
];

/// All pairs of a text, as the engine asks for them, and the bytes that were looked at.
fn pairs(text: &[u8], kind: Kind) -> (Vec<Pair>, u64) {
    let lower = text.to_ascii_lowercase();
    let all = STEMS.iter().map(|stem| (Reader::Assignment, *stem)).chain(OTHERS.iter().copied());
    let mut hits: Vec<(usize, Reader, usize)> = Vec::new();
    for (reader, word) in all {
        hits.extend(memchr::memmem::find_iter(&lower, word).map(|at| (at + word.len(), reader, at)));
        // memmem leaves out overlaps, which these words do not have with themselves
    }
    hits.sort_by_key(|(end, _, start)| (*end, *start));
    let (mut reading, mut found) = (Reading::default(), Vec::new());
    for (end, reader, start) in hits {
        found.extend_from_slice(reading.read(reader, text, Span::new(start, end), kind));
    }
    (found, reading.steps)
}

/// `name|value|place` of each pair.
fn read(text: &str, kind: Kind) -> Vec<String> {
    let show = |span: Span| String::from_utf8_lossy(span.of(text.as_bytes())).into_owned();
    let (found, _) = pairs(text.as_bytes(), kind);
    found.into_iter().map(|p| format!("{}|{}|{:?}", show(p.name), show(p.value), p.place)).collect()
}

#[track_caller]
fn reads(kind: Kind, cases: &[(&str, &str)]) {
    for (text, wanted) in cases {
        assert_eq!(read(text, kind).join("\n"), *wanted, "in {text:?}");
    }
}

#[track_caller]
fn leaves(kind: Kind, texts: &[&str]) {
    for text in texts {
        assert_eq!(read(text, kind), [""; 0], "in {text:?}");
    }
}

#[test]
fn code_gives_strings_to_names() {
    reads(
        Kind::Code,
        &[
            (r#"password = "hunter22""#, "password|hunter22|Assignment"),
            (r#"this.db.password='hunter22';"#, "this.db.password|hunter22|Assignment"),
            ("apiKey := `hunter22`", "apiKey|hunter22|Assignment"),
            (r#":secret_token => "hunter22","#, "secret_token|hunter22|Assignment"),
            (r#"config["password"] = "hunter22""#, "password|hunter22|Assignment"),
            (r#"const char key[] = "hunter22";"#, "key|hunter22|Assignment"),
            (r#"let k: &'static str = 1; let api_key: &'static str = "hunter22";"#, "api_key|hunter22|Assignment"),
            (r#"token: string | null = 'hunter22'"#, "token|hunter22|Assignment"),
            (r#"var apiKey string = "hunter22""#, "apiKey|hunter22|Assignment"),
            (r#"#define API_KEY "hunter22""#, "API_KEY|hunter22|Assignment"),
            (r#"token = Some("hunter22")"#, "token|hunter22|Assignment"),
            (r#"secret := []byte("hunter22")"#, "secret|hunter22|Assignment"),
            (r#"key = String::from("hunter22")"#, "key|hunter22|Assignment"),
            (r#"salt = b"hunter22""#, "salt|hunter22|Assignment"),
            (r##"token = r#"hunter22"#;"##, "token|hunter22|Assignment"),
            (r#"NSString *token = @"hunter22";"#, "token|hunter22|Assignment"),
            (r#"SECRET_KEY = os.environ.get("X", "hunter22")"#, "SECRET_KEY|hunter22|Assignment"),
            (
                r#"const secret = process.env.SECRET || 'hunter22'"#,
                "secret|hunter22|Assignment\nprocess.env.SECRET|hunter22|Assignment",
            ),
            ("token =\n    \"hunter22\"", "token|hunter22|Assignment"),
            ("TOKEN = \\\n  'hunter22'", "TOKEN|hunter22|Assignment"),
            ("secret = \"\"\"\nhunter22\n\"\"\"", "secret|hunter22|Assignment"),
            (r#"if password == "hunter22":"#, "password|hunter22|Comparison"),
            (r#"if (token !== 'hunter22')"#, "token|hunter22|Comparison"),
            (r#"password ||= "hunter22""#, "password|hunter22|Assignment"),
            (r#"@password = "hunt\"er22""#, r#"password|hunt\"er22|Assignment"#),
            (r#"client_secret_key_token = "hunter22""#, "client_secret_key_token|hunter22|Assignment"),
        ],
    );
    leaves(
        Kind::Code,
        &[
            "password = hunter22",
            "password = other.password;",
            "let token = next();",
            r#"token = getToken("hunter22")"#,
            r#"const x = token.value; "hunter22""#,
            r#"Token::new("hunter22")"#,
            r#"password = """#,
            "password = \"unclosed\n\"",
            r#"("your password", user)"#,
            r#"print("password=" + hunter22 + "")"#,
            r#"key => value"#,
            "secret://hunter22",
            r#"token =~ "hunter22""#,
            "keyboard monkeys tokenize",
            "//token-hunter22",
            r#"password = "abc""#,
        ],
    );
}

#[test]
fn arguments_and_lists() {
    reads(
        Kind::Code,
        &[
            (r#"ds.setPassword("hunter22");"#, "ds.setPassword|hunter22|Argument"),
            (r#"builder.apiKey('hunter22')"#, "builder.apiKey|hunter22|Argument"),
            (r#"put("token", "hunter22")"#, "token|hunter22|Argument"),
            (r#"setenv("API_KEY", "hunter22", 1)"#, "API_KEY|hunter22|Argument"),
            (r#"["--token", "hunter22"]"#, "token|hunter22|CommandLine"),
            (r#""tokens":["hunter22","hunter33"]"#, "tokens|hunter22|List\ntokens|hunter33|List"),
            (r#"keys = new String[] { "hunter22" };"#, "keys|hunter22|List"),
            ("secrets = [\n  'hunter22',\n  'hunter33',\n]", "secrets|hunter22|List\nsecrets|hunter33|List"),
        ],
    );
    leaves(
        Kind::Code,
        &[
            r#"getPassword("hunter22")"#,
            r#"validate_token("hunter22")"#,
            r#"putSecret("name", "hunter22")"#,
            r#"setSecret("name", "hunter22", 1)"#,
            r#"keys = {"name": "hunter22"}"#,
            r#"password(hunter22)"#,
        ],
    );
}

#[test]
fn wrappers_settings_and_members() {
    reads(
        Kind::Code,
        &[
            (r#"password: str = Field(default="hunter22")"#, "password|hunter22|Assignment"),
            (r#"TOKEN = config("TOKEN", default="hunter22", cast=str)"#, "TOKEN|hunter22|Assignment"),
            (r#"key = Base64.getDecoder().decode("hunter22")"#, "key|hunter22|Assignment"),
            (r#"password = new StringValue("hunter22")"#, "password|hunter22|Assignment"),
            (r#"{"token": {"type": "x", "value": "hunter22"}}"#, "token|hunter22|Json"),
            (r#"user, password = "root", "hunter22""#, "password|hunter22|Assignment"),
            (r#"f(user, password = "hunter22", "hunter33")"#, "password|hunter22|Assignment"),
            (r#"user, password = "hunter22", other = "abc""#, "password|hunter22|Assignment"),
            (r#"ENV.fetch("API_TOKEN") { "hunter22" }"#, "API_TOKEN|hunter22|Assignment"),
            (r#"let(:api_token) { "hunter22" }"#, "api_token|hunter22|Assignment"),
            (r#"curl_setopt($ch, CURLOPT_PASSWORD, "hunter22")"#, "CURLOPT_PASSWORD|hunter22|Argument"),
            (r#"strcpy(password, "hunter22")"#, "password|hunter22|Argument"),
            (r#"{password, "hunter22"}"#, "password|hunter22|Argument"),
            (r#"(System/setProperty "db.password" "hunter22")"#, "db.password|hunter22|Argument"),
            (r#"buildConfigField "String", "API_TOKEN", "\"hunter22\"""#, "API_TOKEN|hunter22|Argument"),
            (r#"jwt.sign({ id: 1, x: { y: 2 } }, "hunter22")"#, "jwt|hunter22|Argument"),
            (r#"new ClientSecretCredential(tenant, client, "hunter22")"#, "Credential|hunter22|Login"),
        ],
    );
    leaves(
        Kind::Code,
        &[
            r#"password = Field(max_length=8, help="hunter22")"#,
            r#"secret = GetSecretValue("hunter22")"#,
            r#"connect(password, "hunter22")"#,
            r#"buildQuery("string", "token", "hunter22")"#,
            r#"{"token": {"type": "hunter22"}}"#,
            r#"if (password) { return "hunter22" }"#,
            r#"password, user = other(), "hunter22""#,
        ],
    );
    reads(
        Kind::Yaml,
        &[
            ("- { name: DB_PASSWORD, value: hunter22 }\n", "DB_PASSWORD|hunter22|Yaml"),
            ("DBPassword:\n  Type: String\n  Default: hunter22\n", "DBPassword|hunter22|Yaml"),
        ],
    );
    leaves(Kind::Yaml, &["password:\n  description: x\nvalue: hunter22\n", "password:\n  other:\n    x: hunter22\n"]);
    reads(
        Kind::Shell,
        &[
            ("DB_PASSWORD := hunter22\n", "DB_PASSWORD|hunter22|Shell"),
            ("export API_TOKEN ?= hunter22\n", "API_TOKEN|hunter22|Shell"),
            (": \"${DB_PASSWORD:=hunter22}\"", "DB_PASSWORD|hunter22|Properties"),
        ],
    );
    leaves(Kind::Shell, &["set /p PASSWORD=hunter22", ": \"${DB_PASSWORD:?hunter22}\"", "[ TOKEN = hunter22 ]"]);
    reads(
        Kind::Markup,
        &[
            ("<setting name=\"ApiToken\" x=\"y\">\n <value>hunter22</value>", "ApiToken|hunter22|XmlElement"),
            (r#"<meta-data android:name="API_TOKEN" android:value="hunter22" />"#, "API_TOKEN|hunter22|XmlAttribute"),
        ],
    );
    leaves(Kind::Markup, &["<label for=\"password\" class=\"x\">hunter22</label>"]);
}

#[test]
fn objects_at_any_depth_of_escaping() {
    reads(
        Kind::Code,
        &[
            (r#"{"password": "hunter22"}"#, "password|hunter22|Json"),
            (r#"{'api-key' : 'hunter22'}"#, "api-key|hunter22|Json"),
            (r#"{"admin password": "hunter22"}"#, "admin password|hunter22|Json"),
            (r#""{\"access_token\":\"hunter22\"}""#, "access_token|hunter22|Json"),
            (r#""{\\\"access_token\\\": \\\"hunter22\\\"}""#, "access_token|hunter22|Json"),
            (r#"{&quot;token&quot;:&quot;hunter22&quot;}"#, "token|hunter22|Json"),
            (r#"{&#34;token&#34;: &#34;hunter22&#34;}"#, "token|hunter22|Json"),
            (r"{\u0022token\u0022:\u0022hunter22\u0022}", "token|hunter22|Json"),
            ("%7B%22token%22%3A%22hunter22%22%7D", "token|hunter22|Json"),
            (r#"{"name": "DB_PASSWORD", "value": "hunter22"}"#, "DB_PASSWORD|hunter22|Json"),
            (
                r#"var h={"Apitoken":"{\"name\":\"root\",\"salt\":\"hunter22\"}"}"#,
                "Apitoken|{\\\"name\\\":\\\"root\\\",\\\"salt\\\":\\\"hunter22\\\"}|Json\nsalt|hunter22|Json",
            ),
            (r#"headers: {"X-Api-Key": "hunter22"}"#, "X-Api-Key|hunter22|Header"),
        ],
    );
    leaves(
        Kind::Code,
        &[
            r#"{"password": null}"#,
            r#"{"token": true, "x": "hunter22"}"#,
            r#"{"the \"token\" is": 1}"#,
            r#"{"name": "DB_PASSWORD", "value": 5}"#,
        ],
    );
}

#[test]
fn markup_in_elements_and_attributes() {
    reads(
        Kind::Markup,
        &[
            ("<password>hunter22</password>", "password|hunter22|XmlElement"),
            ("<ns:apiKey>\n  hunter22\n</ns:apiKey>", "apiKey|hunter22|XmlElement"),
            (r#"<property name="db.password">hunter22</property>"#, "db.password|hunter22|XmlElement"),
            ("<token><![CDATA[hunter22]]></token>", "token|hunter22|XmlElement"),
            (r#"<password type="plain">hunter22</password>"#, "password|hunter22|XmlElement"),
            (r#"<user password="hunter22"/>"#, "password|hunter22|XmlAttribute"),
            (r#"<add key="SmtpPassword" value="hunter22"/>"#, "SmtpPassword|hunter22|XmlAttribute"),
            ("<add key='ApiToken'\n value='hunter22'/>", "ApiToken|hunter22|XmlAttribute"),
            // the text of a page
            ("<pre>\npassword: hunter22\n</pre>", "password|hunter22|Note"),
            ("<li>password = hunter22</li>", "password|hunter22|Note"),
            ("<!-- password: hunter22 -->", "password|hunter22|Note"),
        ],
    );
    leaves(
        Kind::Markup,
        &[
            "<password/>",
            "<password></password>",
            "a password>hunter22<",
            r#"<input name="password" type="password"/>"#,
            "password: hunter22 or another",
            "a password: hunter22",
        ],
    );
}

#[test]
fn configuration_needs_no_quotes() {
    reads(
        Kind::Properties,
        &[
            ("DB_PASSWORD=hunter22\n", "DB_PASSWORD|hunter22|Properties"),
            ("db.password = hunter 22 # why\n", "db.password|hunter 22|Properties"),
            ("password: hun;ter22", "password|hun;ter22|Properties"),
            ("TOKEN='hunter22'", "TOKEN|hunter22|Properties"),
            ("SECRET=${X:-hunter22}", "SECRET|hunter22|Properties"),
            ("SECRET=\"${X:-hunter22}\"", "SECRET|hunter22|Properties"),
        ],
    );
    reads(
        Kind::Yaml,
        &[
            ("password: hunter22\n", "password|hunter22|Yaml"),
            ("  api_key: 'hunter22'\n", "api_key|hunter22|Yaml"),
            ("{password: hunter22, user: a}", "password|hunter22|Yaml"),
            ("token: |\n  hunter22\n", "token|hunter22|Yaml"),
            ("tokens:\n  - hunter22\n  - hunter33\n", "tokens|hunter22|List\ntokens|hunter33|List"),
            ("- name: DB_PASSWORD\n  value: hunter22\n", "DB_PASSWORD|hunter22|Yaml"),
            ("- name: DB_PASSWORD\n  value: \"hunter22\"\n", "DB_PASSWORD|hunter22|Yaml"),
            ("- MYSQL_PASSWORD=hunter22", "MYSQL_PASSWORD|hunter22|Properties"),
        ],
    );
    reads(
        Kind::Dockerfile,
        &[
            ("ENV TRUST_STORE_PASSWORD=hunter22", "TRUST_STORE_PASSWORD|hunter22|Dockerfile"),
            ("ENV TRUST_STORE_PASSWORD hunter22", "TRUST_STORE_PASSWORD|hunter22|Dockerfile"),
            ("ARG API_KEY=\"hunter22\"", "API_KEY|hunter22|Dockerfile"),
        ],
    );
    reads(
        Kind::Prose,
        &[
            ("The **Password**: hunter22.", "Password|hunter22|Yaml"),
            ("password=hunter22, please", "password|hunter22|Properties"),
            ("Use `token: hunter22`", "token|hunter22|Header"),
        ],
    );
    leaves(Kind::Properties, &["password=", "password", "[passwords]", "# the password\n"]);
    leaves(Kind::Yaml, &["password:\n", "password:\n  user: hunter22\n", "passwords:\n  - name: hunter22\n"]);
    leaves(Kind::Shell, &["token hunter22", "token = hunter22", "echo passed"]);
}

#[test]
fn command_lines_queries_headers_and_connection_strings_stand_anywhere() {
    reads(
        Kind::Code,
        &[
            ("run(`x --password=hunter22 y`)", "password|hunter22|CommandLine"),
            ("# deploy --token hunter22 now", "token|hunter22|CommandLine"),
            ("java -Dkeystore.password=hunter22 -jar", "keystore.password|hunter22|CommandLine"),
            ("docker run -e MYSQL_PASSWORD=hunter22 x", "MYSQL_PASSWORD|hunter22|Shell"),
            ("export API_TOKEN=hunter22", "API_TOKEN|hunter22|Shell"),
            ("\"https://h/x?private_token=hunter22&a=1\"", "private_token|hunter22|Query"),
            ("https://h/x?a=1&amp;api_key=hunter22#x", "api_key|hunter22|Query"),
            ("curl -H 'PRIVATE-TOKEN: hunter22' x", "PRIVATE-TOKEN|hunter22|Header"),
            ("h.set(\"Authorization\", \"token hunter22\")", "Authorization|hunter22|Header"),
            ("\"Server=h;User=sa;Password=hunter 22;x=y\"", "Password|hunter 22|ConnectionString"),
            ("\"host=h user=u password=hunter22 dbname=d\"", "password|hunter22|ConnectionString"),
            ("@Value(\"${db.password:hunter22}\")", "db.password|hunter22|Properties"),
            ("x = \"${DB_PASSWORD:-hunter22}\"", "DB_PASSWORD|hunter22|Properties"),
            ("\"a=1\\npassword=hunter22\\nb=2\"", "password|hunter22|Properties"),
        ],
    );
    leaves(
        Kind::Code,
        &[
            "connect(user=u, password=hunter22)",
            "a; token=hunter22",
            "run --token=next(a)",
            "x - token hunter22",
            "--token-color: #fff1f1",
            "'error: token: hunter22 missing'",
            "https://h/x?token=",
        ],
    );
}

#[test]
fn urls_headers_commands_and_statements() {
    reads(
        Kind::Code,
        &[
            ("nats://app:hunter22@host:4222", "app|hunter22|Url"),
            ("\"redis://:hunter22@h/0\"", "redis|hunter22|Url"),
            ("https://u:hun@ter22@h/x", "u|hun@ter22|Url"),
            ("https://0123456789abcdef01@host/x", "https|0123456789abcdef01|Url"),
            ("Basic aHVudGVyMjI6aHVudGVyMjI=", "Basic|aHVudGVyMjI6aHVudGVyMjI=|BasicAuth"),
            ("'bearer 0123456789abcdef'", "bearer|0123456789abcdef|Header"),
            ("Authorization: Bearer 0123456789abcdef", "Bearer|0123456789abcdef|Header"),
            ("curl -s -u app:hunter22 https://h", "app|hunter22|Command"),
            ("curl --user 'app:hunter22' \\\n https://h", "app|hunter22|Command"),
            ("curl \\\n -u app:hunter22", "app|hunter22|Command"),
            ("mysql -uroot -phunter22 db", "-p|hunter22|Command"),
            ("sshpass -p 'hunter22' ssh h", "-p|hunter22|Command"),
            ("openssl x -passin pass:hunter22", "-passin pass:|hunter22|Command"),
            ("IDENTIFIED BY 'hunter22'", "IDENTIFIED BY|hunter22|Sql"),
            ("identified with x_password by \"hunter22\"", "identified with x_password by|hunter22|Sql"),
            ("ALTER ROLE a PASSWORD 'hunter22'", "PASSWORD|hunter22|Sql"),
            (
                "ConvertTo-SecureString -String \"hunter22\" -AsPlainText",
                "ConvertTo-SecureString|hunter22|SecureString",
            ),
            ("ConvertTo-SecureString hunter22 -AsPlainText", "ConvertTo-SecureString|hunter22|SecureString"),
            ("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"0123456789abcdef012345\"}", "d|0123456789abcdef012345|Jwk"),
            ("{'d' : '0123456789abcdef012345', 'kty' : 'RSA'}", "d|0123456789abcdef012345|Jwk"),
        ],
    );
    leaves(
        Kind::Code,
        &[
            "https://host/a:b@c",
            "https://git@host/x",
            "://a:hunter22@h",
            "https://a:b@",
            "Basic authentication",
            "AcmeBasic aHVudGVyMjI6aHVudGVyMjI=",
            "bearer authentication of users",
            "mysql -u root -p db",
            "scurl -u app:hunter22",
            "curl -u app https://h:80",
            "identified by hunters",
            "ConvertTo-SecureString $x -AsPlainText",
            "ConvertTo-SecureString 'hunter22' -Key $k",
            "{\"kty\":\"oct\",\"d\":\"0123456789abcdef012345\"}",
            "{\"kty\":\"EC\"},{\"d\":\"0123456789abcdef012345\"}",
        ],
    );
}

#[test]
fn kinds_of_paths() {
    for (path, kind) in [
        ("a/Dockerfile", Kind::Dockerfile),
        ("Dockerfile.prod", Kind::Dockerfile),
        (".env.production", Kind::Properties),
        ("conf/app.properties.j2", Kind::Properties),
        ("x/values.yaml", Kind::Yaml),
        ("a/b.SH", Kind::Shell),
        ("Makefile", Kind::Shell),
        ("README", Kind::Prose),
        ("docs/x.md", Kind::Prose),
        ("src/main.rs", Kind::Code),
        ("a.min.js", Kind::Code),
        ("pom.xml", Kind::Markup),
        ("Web.config", Kind::Markup),
        ("", Kind::Prose),
    ] {
        assert_eq!(Kind::of(path.as_bytes()), kind, "{path}");
    }
    assert_eq!(Kind::of_all(&[b"a.rs", b"a.yml"]), Kind::Yaml);
    assert_eq!(Kind::of_all(&[]), Kind::Prose);
}

#[test]
fn comments_give_the_word_at_their_end() {
    reads(
        Kind::Code,
        &[
            ("a\n// password: hunter22\nb", "password|hunter22|Note"),
            ("# password = hunter22", "password|hunter22|Note"),
            ("/*\n * password: hunter22 */", "password|hunter22|Note"),
            ("-- password: hunter22", "password|hunter22|Note"),
        ],
    );
    leaves(
        Kind::Code,
        &[
            "password: hunter22",
            "a(); // the password: hunter22",
            "// password: hunter22 or another",
            "// password:hunter22",
            "*password = hunter22;",
            "b *password = hunter22",
            "a;password: hunter22",
        ],
    );
}
