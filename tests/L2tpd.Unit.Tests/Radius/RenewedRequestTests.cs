using L2tpd.Access;
using L2tpd.Ppp;
using L2tpd.Radius.Wire;

namespace L2tpd.Unit.Tests.Radius;

/// <summary>What an Access-Request repeats of an earlier answer, and what it asks for.</summary>
public sealed class RenewedRequestTests
{
    [Theory]
    [InlineData(false, "", "")]
    [InlineData(true, "", "00")]
    [InlineData(true, "0a0b", "0a0b")]
    public void The_identity_is_asked_for_and_then_repeated(bool wanted, string known, string expected)
    {
        var rig = new AccessRig();
        var access = new RadiusAccess(rig.Exchange, static () => 0) { WantsIdentity = () => wanted };
        access.Authenticate(1, new AccessRequest(AccessRig.Session, AccessRig.Pap())
        {
            ChargeableUserIdentity = [.. Convert.FromHexString(known)],
        }, rig.Now);
        Assert.Equal(expected, string.Concat(rig.Sent(AttributeType.ChargeableUserIdentity)));
    }

    [Fact]
    public void State_is_in_the_request_that_repeats_it_and_in_no_other()
    {
        var rig = new AccessRig();
        rig.Ask(1, AccessRig.Pap());
        Assert.Empty(rig.Sent(AttributeType.State));
        rig.Access.Authenticate(2, new AccessRequest(AccessRig.Session, AccessRig.Pap()) { State = [1, 2, 3] }, rig.Now);
        Assert.Equal(["010203"], rig.Sent(AttributeType.State));
    }

    [Theory]
    [InlineData("00000003", null)]
    [InlineData("01000003", null)]
    [InlineData("00000009 02000003", null)]
    [InlineData("00000009", "Tunnel-Type 9 is not L2TP")]
    [InlineData("01000001 02000009", "Tunnel-Type 9 is not L2TP")]
    [InlineData("0003", null)]
    public void A_user_who_belongs_into_another_kind_of_tunnel_is_refused(string types, string? why)
    {
        var rig = new AccessRig();
        rig.Ask(1, AccessRig.Pap());
        rig.Answer(RadiusCode.AccessAccept, (ref PacketBuilder packet) =>
        {
            foreach (var type in types.Split(' '))
                packet.Add(AttributeType.TunnelType, Convert.FromHexString(type));
        });
        Assert.Equal(why is null ? null : $"the Access-Accept of RADIUS server server0 cannot be used: {why}", rig.Result().Reason);
    }
}
