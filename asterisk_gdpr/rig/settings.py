"""The configuration files that every Asterisk of the bench has, whatever it is for."""

from __future__ import annotations

from pathlib import Path

from asterisk_gdpr.rig.debian import Programs

# Below 20000, where `instance.free_port` begins; Asterisk tries port after port until one is free.
_RTP = "rtpstart = 10000\nrtpend = 19998\n"

# What no test needs and what takes time to load, wants files that are not there, or opens ports.
_UNWANTED = """
app_adsiprog app_agent_pool app_alarmreceiver app_amd app_dictate app_directory app_externalivr
app_festival app_followme app_getcpeid app_jack app_minivm app_mp3 app_page app_sla app_sms app_speech_utils
app_test app_voicemail* cdr_* cel_* chan_console chan_iax2 chan_motif chan_unistim func_odbc func_vmcount
pbx_ael pbx_dundi pbx_lua pbx_realtime res_adsi res_aeap res_ael_share res_calendar* res_cdrel_custom
res_clialiases res_config_* res_fax* res_geolocation res_hep* res_odbc* res_phoneprov res_pjsip_config_wizard
res_pjsip_geolocation res_pjsip_notify res_pjsip_phoneprov* res_pjsip_publish_asterisk res_pjsip_stir_shaken
res_pjsip_t38 res_pjsip_transport_websocket res_prometheus res_resolver_unbound res_smdi res_snmp
res_speech_aeap res_stasis_test res_statsd res_stir_shaken res_stun_monitor res_tonedetect res_xmpp
"""

# Files that Asterisk wants to see, if only empty; without them its log begins with errors.
_EMPTY = """
acl cel ccss confbridge chan_websocket features pjproject queuerules res_http_media_cache udptl
websocket_client
"""

# The tones of one country are enough; `ring` is what a caller hears while it rings.
_INDICATIONS = """[general]
country = de
[de]
description = A country whose tones are no others of the bench
ringcadence = 1000,4000
dial = 600
busy = 600/480,0/480
ring = 600/1000,0/4000
congestion = 600/240,0/240
callwaiting = !425/200,!0/200,!425/200,!0/5000
dialrecall = !425/100,!0/100,!425/100,!0/100,!425/100,!0/100,425
record = 1400/80,0/15000
info = 950/330,0/30,1400/330,0/30,1800/330,0/1000
stutter = 425+400
"""


def common(programs: Programs, folder: Path, name: str, unwanted: str = "") -> dict[str, str]:
    """File name to text, for an instance that keeps everything in `folder` (absolute: Asterisk insists).

    `unwanted` are patterns of further modules that it need not load, separated by blanks.
    """
    return {
        **{f"{empty}.conf": "" for empty in _EMPTY.split()},
        "asterisk.conf": _asterisk(programs, folder, name),
        "cdr.conf": "[general]\nenable = yes\n",
        "indications.conf": _INDICATIONS,
        "logger.conf": "[general]\ndateformat=%F %T.%3q\n[logfiles]\nmessages.log => notice,warning,error\n",
        "modules.conf": _modules(programs.modules, f"{_UNWANTED} {unwanted}"),
        "res_parking.conf": "[general]\n[default]\nparkext = 700\nparkpos = 701-720\ncontext = parked\n",
        "rtp.conf": f"[general]\n{_RTP}",
    }


def _asterisk(programs: Programs, folder: Path, name: str) -> str:
    return f"""[directories]
astetcdir => {folder}/etc
astmoddir => {programs.modules}
astvarlibdir => {folder}/var
astdbdir => {folder}/var
astdatadir => {folder}/data
astagidir => {programs.data}/agi-bin
astspooldir => {folder}/spool
astrundir => {folder}/run
astlogdir => {folder}/log
astcachedir => {folder}/var/cache
[options]
systemname = {name}
"""


def _modules(folder: Path, patterns: str) -> str:
    """Load everything that is installed but the unwanted."""
    unwanted = sorted({path.name for pattern in patterns.split() for path in folder.glob(f"{pattern}.so")})
    return "[modules]\nautoload = yes\n" + "".join(f"noload = {name}\n" for name in unwanted)
