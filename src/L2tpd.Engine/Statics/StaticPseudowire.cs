using System.Text;
using L2tpd.Engine.Calls;
using L2tpd.Engine.Configuration;
using L2tpd.Engine.Versions;
using L2tpd.Protocol.Avps;

namespace L2tpd.Engine.Statics;

/// <summary>What the ends of a session would have agreed on by messages, from the configuration.</summary>
internal static class StaticPseudowire
{
    /// <summary>PPP where a PPP profile is named.</summary>
    public static PseudowireType TypeOf(SessionProfile profile) => profile.Ppp is null ? profile.Pseudowire.Type : PseudowireType.Ppp;

    /// <summary>The name stands for the Remote End ID: interface templates find it there.</summary>
    public static byte[] EndIdOf(StaticSession configuration) => Encoding.UTF8.GetBytes(configuration.Name);

    public static Pseudowire Of(StaticSession configuration)
    {
        var profile = configuration.Session;
        var level = PseudowireAgreement.LevelOf(profile);
        return new Pseudowire(TypeOf(profile), EndIdOf(configuration))
        {
            LocalCookie = configuration.Cookie,
            PeerCookie = configuration.PeerCookie,
            ReceiveSublayer = profile.Pseudowire.Sublayer ?? L2SpecificSublayer.Default,
            SendSublayer = profile.Pseudowire.Sublayer ?? L2SpecificSublayer.Default,
            SendLevel = level,
            ReceiveLevel = level,
        };
    }
}
