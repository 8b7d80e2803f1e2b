namespace L2tpd.Protocol.Avps;

/// <summary>The ADSL Forum's AVPs in ICRQ (RFC 5515 section 4).</summary>
internal static class DslLineCodec
{
    public static DslLine? Read(in AvpFields fields) => !fields.HasAdslForum() ? null : new DslLine
    {
        AgentCircuitId = fields.Octets(AdslForumAvpType.AgentCircuitId),
        AgentRemoteId = fields.Octets(AdslForumAvpType.AgentRemoteId),
        ActualRateUp = fields.OptionalUInt64(AdslForumAvpType.ActualRateUp),
        ActualRateDown = fields.OptionalUInt64(AdslForumAvpType.ActualRateDown),
        MinimumRateUp = fields.OptionalUInt64(AdslForumAvpType.MinimumRateUp),
        MinimumRateDown = fields.OptionalUInt64(AdslForumAvpType.MinimumRateDown),
        AttainableRateUp = fields.OptionalUInt64(AdslForumAvpType.AttainableRateUp),
        AttainableRateDown = fields.OptionalUInt64(AdslForumAvpType.AttainableRateDown),
        MaximumRateUp = fields.OptionalUInt64(AdslForumAvpType.MaximumRateUp),
        MaximumRateDown = fields.OptionalUInt64(AdslForumAvpType.MaximumRateDown),
        MinimumRateUpLowPower = fields.OptionalUInt64(AdslForumAvpType.MinimumRateUpLowPower),
        MinimumRateDownLowPower = fields.OptionalUInt64(AdslForumAvpType.MinimumRateDownLowPower),
        MaximumInterleavingDelayUp = fields.OptionalUInt32(AdslForumAvpType.MaximumInterleavingDelayUp),
        ActualInterleavingDelayUp = fields.OptionalUInt32(AdslForumAvpType.ActualInterleavingDelayUp),
        MaximumInterleavingDelayDown = fields.OptionalUInt32(AdslForumAvpType.MaximumInterleavingDelayDown),
        ActualInterleavingDelayDown = fields.OptionalUInt32(AdslForumAvpType.ActualInterleavingDelayDown),
        AccessLoopEncapsulation = fields.Octets(AdslForumAvpType.AccessLoopEncapsulation),
        AncpLineType = fields.OptionalUInt32(AdslForumAvpType.AncpLineType),
        IwfSession = fields.OptionalUInt32(AdslForumAvpType.IwfSession),
    };

    public static void Write(ref AvpWriter writer, DslLine? line)
    {
        if (line is null)
            return;
        writer.Octets(AdslForumAvpType.AgentCircuitId, line.AgentCircuitId);
        writer.Octets(AdslForumAvpType.AgentRemoteId, line.AgentRemoteId);
        writer.UInt64(AdslForumAvpType.ActualRateUp, line.ActualRateUp);
        writer.UInt64(AdslForumAvpType.ActualRateDown, line.ActualRateDown);
        writer.UInt64(AdslForumAvpType.MinimumRateUp, line.MinimumRateUp);
        writer.UInt64(AdslForumAvpType.MinimumRateDown, line.MinimumRateDown);
        writer.UInt64(AdslForumAvpType.AttainableRateUp, line.AttainableRateUp);
        writer.UInt64(AdslForumAvpType.AttainableRateDown, line.AttainableRateDown);
        writer.UInt64(AdslForumAvpType.MaximumRateUp, line.MaximumRateUp);
        writer.UInt64(AdslForumAvpType.MaximumRateDown, line.MaximumRateDown);
        writer.UInt64(AdslForumAvpType.MinimumRateUpLowPower, line.MinimumRateUpLowPower);
        writer.UInt64(AdslForumAvpType.MinimumRateDownLowPower, line.MinimumRateDownLowPower);
        writer.UInt32(AdslForumAvpType.MaximumInterleavingDelayUp, line.MaximumInterleavingDelayUp);
        writer.UInt32(AdslForumAvpType.ActualInterleavingDelayUp, line.ActualInterleavingDelayUp);
        writer.UInt32(AdslForumAvpType.MaximumInterleavingDelayDown, line.MaximumInterleavingDelayDown);
        writer.UInt32(AdslForumAvpType.ActualInterleavingDelayDown, line.ActualInterleavingDelayDown);
        writer.Octets(AdslForumAvpType.AccessLoopEncapsulation, line.AccessLoopEncapsulation);
        writer.UInt32(AdslForumAvpType.AncpLineType, line.AncpLineType);
        writer.UInt32(AdslForumAvpType.IwfSession, line.IwfSession);
    }
}
