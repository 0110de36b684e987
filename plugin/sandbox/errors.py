"""Mattermost's errors, as its REST API and its plugin API tell them."""

from typing import Any

_MESSAGES = {
    "api.bot.create_disabled": "Bot creation has been disabled.",
    "api.channel.add_members.error": "Error adding channel member(s).",
    "api.command.disabled.app_error": "Commands have been disabled by the system admin.",
    "api.command.duplicate_trigger.app_error": "This trigger word is already in use. Please choose another word.",
    "api.command.execute_command.start.app_error": "No command trigger found.",
    "api.command_webhook.get.missing": "Unable to find the webhook.",
    "api.context.permissions.app_error": "You do not have the appropriate permissions.",
    "api.context.session_expired.app_error": "Invalid or expired session, please login again.",
    "api.license.client.old_format.app_error": (
        "New format for the client license is not supported yet. Please specify format=old in the query string."
    ),
    "api.post.create_post.can_not_post_to_deleted.error": "Can not post to deleted channel.",
    "api.post.create_post.root_id.app_error": "Invalid RootId parameter.",
    "api.post.deduplicate_create_post.pending": "Rejected post since another client is making the same request.",
    "api.post.do_action.action_id.app_error": "Invalid action id.",
    "api.post.do_action.action_integration.app_error": "Action integration error.",
    "api.user.login.bot_login_forbidden.app_error": "Bot login is forbidden.",
    "api.user.login.invalid_credentials_email_username": "Enter a valid email or username and/or password.",
    "app.channel.get.existing.app_error": "Unable to find the existing channel.",
    "app.channel.get_by_name.missing.app_error": "Channel does not exist.",
    "app.channel.get_member.missing.app_error": "No channel member found for that user ID and channel ID.",
    "app.file_info.get.app_error": "Unable to get the file info.",
    "app.post.get.app_error": "Unable to get the post.",
    "app.team.get.find.app_error": "Unable to find the existing team.",
    "app.team.get_by_name.missing.app_error": "Unable to find the existing team.",
    "app.team.get_member.missing.app_error": "No team member found for that user ID and team ID.",
    "app.team.save.existing.app_error": "A team with that name already exists.",
    "app.user.missing_account.const": "Unable to find the user.",
    "app.user.save.username_exists.app_error": "An account with that username already exists.",
    "interactive_message.decode_trigger_id.base64_decode_failed": (
        "Failed to decode base64 for trigger ID for interactive dialog."
    ),
    "interactive_message.decode_trigger_id.expired": (
        "Trigger ID for interactive dialog is expired. Trigger IDs live for a maximum of 3 seconds."
    ),
    "interactive_message.decode_trigger_id.signature": "Trigger ID for interactive dialog is not signed by this server.",
    "model.channel.is_valid.2_or_more.app_error": "Name must be 2 or more lowercase alphanumeric characters.",
    "model.channel.is_valid.display_name.app_error": "Invalid display name.",
    "model.channel.is_valid.header.app_error": "Invalid header.",
    "model.channel.is_valid.purpose.app_error": "Invalid purpose.",
    "model.command.is_valid.trigger.app_error": "Invalid trigger.",
    "model.post.is_valid.msg.app_error": "Invalid message.",
    "model.post.is_valid.props.app_error": "Invalid props.",
    "store.sql_channel.save_channel.exists.app_error": "A channel with that name already exists on the same team.",
}


class AppError(Exception):
    """`id` is what clients branch on; `status` the HTTP status."""

    def __init__(self, error_id: str, status: int, message: str = "") -> None:
        super().__init__(error_id)
        self.id = error_id
        self.status = status
        self.message = message or _MESSAGES.get(error_id, error_id)

    def json(self, request_id: str = "") -> dict[str, Any]:
        return {
            "id": self.id,
            "message": self.message,
            "detailed_error": "",
            "request_id": request_id,
            "status_code": self.status,
        }


def forbidden() -> AppError:
    return AppError("api.context.permissions.app_error", 403)


def unauthorized() -> AppError:
    return AppError("api.context.session_expired.app_error", 401)


def invalid_url_param(name: str) -> AppError:
    message = f"Invalid or missing {name} parameter in request URL."
    return AppError("api.context.invalid_url_param.app_error", 400, message)


def invalid_body_param(name: str) -> AppError:
    return AppError("api.context.invalid_body_param.app_error", 400, f"Invalid or missing {name} in request body.")


def invalid_param(name: str) -> AppError:
    return AppError("api.context.invalid_param.app_error", 400, f"Invalid {name} parameter.")
