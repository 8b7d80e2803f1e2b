namespace L2tpd.Attack.Tests;

/// <summary>
/// Messages as long as the AVP limits allow lose neither the message nor the tunnel (RFC 2661 section 4.1: 1,023 octets per AVP).
/// </summary>
public sealed class LongMessageTests
{
    [Fact]
    public void An_ICRQ_of_3_KB_is_answered()
    {
        using var link = new NamespacePair();
        using var daemon = DaemonProcess.Start("""
            listen: 192.0.2.1:1701
            data-plane: "null"
            peers:
              anyone: { secret: opensesame, challenge: true }
            """, networkNamespace: link.First);
        using var lac = ScriptedLac.Connect(link.Second, "192.0.2.1", "opensesame");

        lac.CallWithNumbers(1_000);

        daemon.WaitFor("Session anyone/scripted/");
    }
}
