using L2tpd.Access;
using L2tpd.Ppp;
using L2tpd.Radius.Wire;
using L2tpd.Unit.Tests.Engine;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>A server that knows the secret and sends any attributes: each request has one answer, and nothing throws.</summary>
public sealed class HostileAnswerTests
{
    private static readonly AttributeType[] Types = Enum.GetValues<AttributeType>();

    private static readonly RadiusCode[] Codes = [RadiusCode.AccessAccept, RadiusCode.AccessReject, RadiusCode.AccessChallenge];

    [Fact]
    public void Any_attributes_give_one_answer() => Seeds.ForEach(300, static seed =>
    {
        var random = new Random((int)seed);
        var rig = new AccessRig();
        rig.Ask(1, random.Next(2) == 0 ? AccessRig.Pap() : new AuthenticationRequest
        {
            Protocol = AuthenticationProtocol.MsChapV2, Name = [0xff, 0x41], Id = 1, Challenge = new byte[16], Response = new byte[49],
        });
        rig.Answer(Codes[random.Next(Codes.Length)], (ref PacketBuilder packet) => Add(ref packet, random));
        Assert.IsType<AccessAnswer.Authenticated>(Assert.Single(rig.Take()));
    });

    private static void Add(ref PacketBuilder packet, Random random)
    {
        for (var i = random.Next(30); i > 0; i--)
        {
            var value = new byte[random.Next(3) == 0 ? 4 : random.Next(60)];
            random.NextBytes(value);
            var type = Types[random.Next(Types.Length)];
            if (type == AttributeType.VendorSpecific || random.Next(4) == 0)
                packet.AddVendor(random.Next(2) == 0 ? VendorId.Microsoft : VendorId.Erx, (byte)random.Next(40), value);
            else if (type == AttributeType.FramedRoute)
                packet.AddText(type, $"{random.Next(300)}.{random.Next(300)}.0.0/{random.Next(40)} {random.Next()} {random.Next(-9, 9)}");
            else if (type != AttributeType.MessageAuthenticator)
                packet.Add(type, value);
        }
    }
}
