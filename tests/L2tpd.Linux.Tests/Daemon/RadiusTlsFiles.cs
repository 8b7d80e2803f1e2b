namespace L2tpd.Linux.Tests.Daemon;

/// <summary>Certificates of a RADIUS/TLS server (radius.test, 127.0.0.1) and of a client in a directory of their own.</summary>
internal sealed class RadiusTlsFiles : IDisposable
{
    public RadiusTlsFiles()
    {
        using var authority = new TestCertificates();
        Write("ca.pem", authority.Authority);
        Pair("server", authority.Issue("radius.test"));
        Pair("client", authority.Issue("lns1"));
    }

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("l2tpd-radsec-").FullName;

    /// <summary>The server's entry for l2tpd.</summary>
    public string Server() => $"{{ address: 127.0.0.1, transport: tls, tls: {{ ca: {Directory}/ca.pem, "
        + $"certificate: {Directory}/client.pem, key: {Directory}/client.key, name: radius.test }} }}";

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);

    private void Pair(string name, (string Certificate, string Key) pair)
    {
        Write($"{name}.pem", pair.Certificate);
        Write($"{name}.key", pair.Key);
    }

    private void Write(string name, string text)
    {
        var path = Path.Combine(Directory, name);
        File.WriteAllText(path, text + "\n");
        if (OperatingSystem.IsLinux())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
